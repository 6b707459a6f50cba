import Foundation

/// What is known of a named data set before any of its files is read.
public struct DatasetManifest: Decodable, Sendable {
    /// One file of a set.
    public struct File: Decodable, Sendable {
        /// The names it may go by, the one it is stored under first.
        public let names: [String]
        /// Public addresses, tried in turn; empty if the file has to be supplied.
        public let urls: [String]
        /// The length of the decoded content.
        public let bytes: Int
        /// The SHA-256 of the decoded content, in hexadecimal.
        public let sha256: String
        /// The plays from which the file is cut by role, where it is at no address itself.
        public let parts: [File]?
    }

    /// A package of a package manager that installs the files.
    public struct Package: Decodable, Sendable {
        /// `apt`.
        public let manager: String
        /// The package's name.
        public let name: String
        /// The folder it puts the files in.
        public let folder: String
    }

    /// The name on the command line.
    public let name: String
    /// The name in running text.
    public let title: String
    /// What it is, in a line.
    public let summary: String
    /// Whose it is.
    public let origin: String
    /// On which terms.
    public let licence: String
    /// What to cite.
    public let citation: String
    /// The files' format: `idx`, `csv` or `jsonl`.
    public let format: String
    /// What the natural clients are; nil if there are none.
    public let clientKey: String?
    /// Another set whose files belong to this one too.
    public let uses: String?
    /// Packages that install the files.
    public let packages: [Package]
    /// The set's own files.
    public let files: [File]
    /// What to do without internet access.
    public let offlineHint: String
}
