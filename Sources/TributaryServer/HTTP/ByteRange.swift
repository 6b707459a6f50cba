/// What a header `Range` asks for (RFC 9110, section 14).
enum ByteRange: Hashable, Sendable {
    /// All of it: there is no range, or one in a form that this server need not understand, as several at once.
    case whole
    /// These bytes.
    case part(Range<Int>)
    /// Bytes that are not there.
    case unsatisfiable

    /// Reads the header's value for something of `byteCount` bytes.
    init(_ header: String?, byteCount: Int) {
        guard let header, header.utf8.count <= 128, header.lowercased().hasPrefix("bytes=") else {
            self = .whole
            return
        }
        let ends = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else {
            self = .whole
            return
        }
        switch (Self.number(ends[0]), Self.number(ends[1])) {
        case (.some(let first), .some(let last)) where first <= last:
            self = Self.clamped(first, last, byteCount)
        case (.some(let first), .none) where ends[1].isEmpty:
            self = Self.clamped(first, .max, byteCount)
        case (.none, .some(let count)) where ends[0].isEmpty:
            self = count == 0 || byteCount == 0 ? .unsatisfiable : .part(max(0, byteCount - count)..<byteCount)
        default:
            self = .whole
        }
    }

    private static func clamped(_ first: Int, _ last: Int, _ byteCount: Int) -> ByteRange {
        first < byteCount ? .part(first..<min(last, byteCount - 1) + 1) : .unsatisfiable
    }

    /// The number that 1 to 18 digits write; nil for anything else.
    private static func number(_ text: Substring) -> Int? {
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }
}
