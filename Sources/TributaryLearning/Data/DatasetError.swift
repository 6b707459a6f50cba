/// Why a data set could not be had: one line that names the thing, the place and, where there is one, the way out.
public struct DatasetError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of thing went wrong; a command line maps it to its exit status.
    public enum Code: Hashable, Sendable {
        /// The request itself makes no sense: an unknown name, a number out of range.
        case badRequest
        /// A file was read, and its content is not what it should be.
        case badData
        /// A file that is needed is not there.
        case missingInput
        /// Reading, writing or downloading failed.
        case inputOutput
    }

    /// What kind of thing went wrong.
    public let code: Code
    /// The one line for the person.
    public let description: String

    /// An error of the given kind.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    static func badRequest(_ description: String) -> DatasetError { DatasetError(.badRequest, description) }
    static func badData(_ description: String) -> DatasetError { DatasetError(.badData, description) }
}

extension String {
    /// The text in one line and of bounded length, safe to quote in an error.
    func quotable(limit: Int = 40) -> String {
        let flat = map { $0.isNewline || $0 == "\t" || $0 == "\0" ? " " : String($0) }
        return flat.count <= limit ? flat.joined() : flat.prefix(limit).joined() + "…"
    }
}
