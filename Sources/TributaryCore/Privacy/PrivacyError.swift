/// What is wrong with the parameters of a privacy mechanism, in one line that names the parameter and the way out.
public struct PrivacyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line.
    public var description: String

    /// An error that says `description`.
    public init(_ description: String) {
        self.description = description
    }

    /// A parameter whose value is not allowed.
    static func value(_ name: String, _ value: some CustomStringConvertible, must requirement: String) -> PrivacyError {
        PrivacyError("the \(name) is \(value); it must be \(requirement)")
    }
}
