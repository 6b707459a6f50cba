public import TributaryCore

/// Why a client cannot do something: one line that names the thing and the fix.
public struct ClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds that programs tell apart.
    public enum Kind: Hashable, Sendable {
        /// The settings cannot be used.
        case settings
        /// The folder of the client's state cannot be used.
        case state
        /// No connection, or one that broke.
        case unreachable
        /// No answer in time, or no byte for too long.
        case timedOut
        /// The server is not who it should be, or does not take the client's certificate.
        case untrusted
        /// The server answered with an error.
        case refused
        /// The server does not take the join token or the credential, or the caller may not do this.
        case denied
        /// The server's answer cannot be understood.
        case malformed
        /// Bytes that arrived are not those that were announced.
        case damaged
    }

    /// The kind.
    public var kind: Kind
    /// One line.
    public var message: String
    /// What it means for what comes next.
    public var failure: CallFailure

    /// An error with all its parts.
    public init(_ kind: Kind, _ message: String, failure: CallFailure = .hopeless) {
        self.kind = kind
        self.message = message
        self.failure = failure
    }

    /// The line.
    public var description: String { message }
}
