/// Why gzip data cannot be unpacked. What the data is, and what to do about it, only the caller can say.
package enum GzipError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It unpacks to more bytes than are accepted.
    case tooLong(limit: Int)
    /// It is no gzip, or damaged, near a byte of the input.
    case damaged(byte: Int, reason: String)
    /// It ends in the midst of a member.
    case cutOff(byte: Int)
    /// zlib cannot start.
    case unavailable(status: Int32)

    /// What is wrong, as the rest of a sentence.
    package var description: String {
        switch self {
        case .tooLong(let limit): "the content is longer than the \(limit) bytes accepted here"
        case .damaged(let byte, let reason): "corrupt gzip data near byte \(byte): \(reason)"
        case .cutOff(let byte): "the gzip data is cut off after byte \(byte)"
        case .unavailable(let status): "zlib cannot start (\(status))"
        }
    }
}
