/// Why an output folder could not be read or written: one line that names the file and the cause.
public struct ReportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of trouble it is.
    public enum Code: Hashable, Sendable {
        /// The file system refused: no such file, no space, no permission.
        case io
        /// The file is there, but its content is not what was once written.
        case damaged
        /// A newer Tributary wrote the file in a form this one does not know.
        case unsupported
    }

    /// What kind of trouble it is.
    public var code: Code
    /// The file.
    public var path: String
    /// The line of the file, from 1, where it has lines.
    public var line: Int?
    /// The cause and, where there is one, the fix.
    public var message: String

    init(_ code: Code, path: String, line: Int? = nil, _ message: String) {
        (self.code, self.path, self.line, self.message) = (code, path, line, message)
    }

    /// `path:line: message`.
    public var description: String {
        if let line { return "\(path):\(line): \(message)" }
        return "\(path): \(message)"
    }
}
