extension UpdateEncoding: CustomStringConvertible, Codable {
    /// Why a text names no encoding.
    public struct TextError: Error, Hashable, Sendable, CustomStringConvertible {
        /// One line that names the text, what is wrong with it and what it may be.
        public let description: String
    }

    /// The coordinates that share scales unless the name says otherwise.
    package static let usualBucket = 4096
    /// The same for QSGD, whose error grows with the root of the bucket.
    package static let usualNormBucket = 512

    /// The encoding of the given name, for example `klevel:16:rotated`.
    public init(_ text: String) throws(TextError) {
        var words = EncodingWords(text)
        guard let family = EncodingFamily.all.first(where: { $0.name == words.name }) else {
            let known = EncodingFamily.all.map(\.name)
            let hint = Suggestion.sentence(for: words.name, in: known, orList: "encodings are")
            throw TextError(description: "there is no encoding '\(text)'\(hint)")
        }
        do throws(EncodingWords.Problem) {
            kind = try family.read(&words)
            try words.finish()
        } catch {
            throw TextError(description: "encoding '\(text)' \(error.description); it is \(family.form)")
        }
    }

    /// The encoding's name; what is usual anyway is left out.
    public var description: String {
        var words: [String]
        switch kind {
        case .plain(let values): return values.rawValue
        case .klevel(let levels, let isRotated, let bucket):
            words = ["klevel", "\(levels)"] + (isRotated ? ["rotated"] : []) + Self.words(bucket: bucket)
        case .qsgd(let bits, let isElias, let bucket):
            words = ["qsgd", "\(bits)"] + (isElias ? ["elias"] : [])
            words += Self.words(bucket: bucket, usual: Self.usualNormBucket)
        case .topk(let fraction, let values): words = ["topk", "\(fraction)"] + Self.words(values: values)
        case .randk(let fraction, let values, let isContractive):
            words = ["randk", "\(fraction)"] + Self.words(isContractive: isContractive) + Self.words(values: values)
        case .drive(let isContractive, let bucket):
            words = ["drive"] + Self.words(isContractive: isContractive) + Self.words(bucket: bucket)
        case .eden(let bits, let isContractive, let bucket):
            words = ["eden", "\(bits)"] + Self.words(isContractive: isContractive) + Self.words(bucket: bucket)
        }
        return words.joined(separator: ":")
    }

    private static func words(bucket: Int, usual: Int = usualBucket) -> [String] {
        bucket == usual ? [] : ["bucket=\(bucket)"]
    }

    private static func words(values: TensorEncoding) -> [String] { values == .float32 ? [] : [values.rawValue] }

    private static func words(isContractive: Bool) -> [String] { isContractive ? ["contractive"] : [] }

    /// Reads an encoding's name.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do throws(TextError) {
            try self.init(text)
        } catch {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
        }
    }

    /// Writes the encoding's name.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
