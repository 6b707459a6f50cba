/// The words of an encoding's name, taken one after another by the family that reads them.
package struct EncodingWords {
    /// What is wrong with a word.
    package struct Problem: Error {
        /// The end of a sentence that begins with the encoding.
        let description: String
    }

    /// The family's name.
    let name: String
    private var rest: [Substring]

    /// The words of a name.
    init(_ text: String) {
        let words = text.split(separator: ":", omittingEmptySubsequences: false)
        name = words.first.map(String.init) ?? ""
        rest = Array(words.dropFirst())
    }

    /// The next word as a whole number within bounds.
    mutating func number(_ what: String, in range: ClosedRange<Int>) throws(Problem) -> Int {
        let word = try next(what)
        guard let number = Int(word), range.contains(number) else {
            throw Problem(
                description: "wants \(range.lowerBound) to \(range.upperBound) as its \(what), not '\(word)'")
        }
        return number
    }

    /// The next word as a share above 0, 1 at most.
    mutating func fraction() throws(Problem) -> Double {
        let word = try next("share")
        guard let fraction = Double(word), fraction > 0, fraction <= 1 else {
            throw Problem(description: "wants a share above 0 and not above 1, such as 0.05, not '\(word)'")
        }
        return fraction
    }

    /// Whether a word is there, wherever it stands.
    mutating func flag(_ word: String) -> Bool {
        guard let place = rest.firstIndex(where: { $0 == word }) else { return false }
        rest.remove(at: place)
        return true
    }

    /// The format of sparse values, single precision unless a word says otherwise.
    mutating func values() -> TensorEncoding {
        for encoding in TensorEncoding.allCases where flag(encoding.rawValue) { return encoding }
        return .float32
    }

    /// The coordinates that share scales.
    mutating func bucket(usual: Int = UpdateEncoding.usualBucket) throws(Problem) -> Int {
        let mark = "bucket="
        guard let place = rest.firstIndex(where: { $0.hasPrefix(mark) }) else { return usual }
        let word = rest.remove(at: place).dropFirst(mark.count)
        guard let bucket = Int(word), (64...UpdateEncoding.blockLength).contains(bucket), bucket.nonzeroBitCount == 1
        else {
            throw Problem(
                description: "wants a power of two, 64 to \(UpdateEncoding.blockLength), as its bucket, not '\(word)'")
        }
        return bucket
    }

    /// Nothing may be left.
    func finish() throws(Problem) {
        if let word = rest.first { throw Problem(description: "has no use for '\(word)'") }
    }

    private mutating func next(_ what: String) throws(Problem) -> Substring {
        guard !rest.isEmpty else { throw Problem(description: "lacks its \(what)") }
        return rest.removeFirst()
    }
}
