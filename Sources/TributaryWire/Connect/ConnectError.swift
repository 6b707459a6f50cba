public import TributaryCore

/// A call's failure in the terms of the Connect protocol.
public struct ConnectError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong, for programs.
    public var code: ConnectCode
    /// What went wrong, for people: one line that names the thing and the fix, and nothing secret.
    public var message: String
    /// When to try again, where that makes sense; sent as the header `Retry-After` (seconds) and in full in
    /// `Tributary-Retry-Window` (milliseconds: `EARLIEST-LATEST`).
    public var retry: RetryWindow?

    /// A failure with all its parts.
    public init(_ code: ConnectCode, _ message: String, retry: RetryWindow? = nil) {
        self.code = code
        self.message = message
        self.retry = retry
    }

    /// The code and the message.
    public var description: String { "\(code.rawValue): \(message)" }
}

/// The codes of the Connect protocol, as they are written on the wire.
public enum ConnectCode: String, Hashable, Sendable, CaseIterable {
    /// The caller gave the call up.
    case canceled
    /// Nobody knows.
    case unknown
    /// The request cannot be understood or obeyed, whatever the state of the server.
    case invalidArgument = "invalid_argument"
    /// The call took longer than its caller allowed.
    case deadlineExceeded = "deadline_exceeded"
    /// What the call is about does not exist.
    case notFound = "not_found"
    /// What the call would make exists.
    case alreadyExists = "already_exists"
    /// The caller is known, but may not do this.
    case permissionDenied = "permission_denied"
    /// A limit is reached.
    case resourceExhausted = "resource_exhausted"
    /// The request does not fit the state of the server.
    case failedPrecondition = "failed_precondition"
    /// The call met another and gave way.
    case aborted
    /// A place beyond the end.
    case outOfRange = "out_of_range"
    /// There is no such call.
    case unimplemented
    /// A fault of the server's.
    case `internal`
    /// The server cannot do it now; try again.
    case unavailable
    /// Data is lost beyond repair.
    case dataLoss = "data_loss"
    /// The caller is not known.
    case unauthenticated

    /// The HTTP status that goes with the code.
    public var httpStatus: Int {
        switch self {
        case .canceled: 499
        case .unknown, .internal, .dataLoss: 500
        case .invalidArgument, .failedPrecondition, .outOfRange: 400
        case .deadlineExceeded: 504
        case .notFound: 404
        case .alreadyExists, .aborted: 409
        case .permissionDenied: 403
        case .resourceExhausted: 429
        case .unimplemented: 501
        case .unavailable: 503
        case .unauthenticated: 401
        }
    }
}
