public import TributaryCore

/// Why bytes are not an update in the encoding they should be in.
public struct UpdateFormatError: Error, Hashable, Sendable, CustomStringConvertible {
    /// How the update is refused.
    public let refusal: UpdateRefusal
    /// What is wrong, in one line.
    public let description: String

    init(_ refusal: UpdateRefusal = .malformed, _ description: String) {
        self.refusal = refusal
        self.description = description
    }
}

/// Why an update cannot be encoded.
public enum UpdateEncodingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A coordinate is NaN or infinite.
    case notFinite
    /// A number that the message would have to hold is beyond what its format can.
    case outOfRange

    /// One line.
    public var description: String {
        switch self {
        case .notFinite: "the update has a coordinate that is not a finite number; training has diverged"
        case .outOfRange: "the update has numbers too large for its encoding; clip it, or choose another encoding"
        }
    }
}
