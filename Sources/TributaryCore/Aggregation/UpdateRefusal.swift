public import TributaryMath

/// Why an update that arrived is not used.
public enum UpdateRefusal: String, Hashable, Sendable, Codable, CaseIterable {
    /// It does not have the model's number of parameters, or could not be decoded.
    case malformed
    /// Its encoding is not the one that was asked for, or its kind not the task's; or it was not made by the run's method.
    case wrongSchema = "schema"
    /// It has not as many bytes as the model's tensors take.
    case wrongSize = "size"
    /// Its bytes do not have the digest they were announced with.
    case wrongDigest = "digest"
    /// A coordinate, a loss, a metric or a figure of the method is NaN or infinite.
    case notFinite = "not-finite"
    /// A coordinate exceeds the plan's bound on an update, or a figure the method's range.
    case outOfBound = "out-of-bound"
    /// Its weight is not a positive number within the round's limit.
    case badWeight = "bad-weight"

    /// The refusal of an exact sum in the terms of a round.
    public init(_ refusal: ExactSum.Refusal) {
        self =
            switch refusal {
            case .notFinite: .notFinite
            case .outOfBound: .outOfBound
            case .badWeight: .badWeight
            }
    }

    /// The refusal as a report's cause.
    public var dropCause: DropCause {
        switch self {
        case .malformed: .malformed
        case .wrongSchema: .schema
        case .wrongSize: .size
        case .wrongDigest: .digest
        case .notFinite: .notFinite
        case .outOfBound: .outOfBound
        case .badWeight: .badWeight
        }
    }
}
