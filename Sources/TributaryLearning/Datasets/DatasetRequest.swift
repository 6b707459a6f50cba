import Foundation
public import TributaryMath

/// Which data set is wanted, and where its files may be.
public struct DatasetRequest: Sendable {
    /// A user's own files, for the sets `csv` and `text`.
    public struct Files: Sendable {
        /// The files of training data, read one after another as one table.
        public var train: [String] = []
        /// Files of test data; without them `heldOutFraction` of the training rows is held out.
        public var test: [String] = []
        /// The share of rows held out as the central test table if there is no test file; 0 holds out none.
        public var heldOutFraction = 0.2
        /// How a table becomes examples (`csv` only).
        public var table = TableOptions()

        /// No files.
        public init() {}
    }

    /// The set's name, with parameters after a colon where it has some: `mnist`, `synthetic:0.5,0.5`.
    public var name: String
    /// A folder that holds the files. If given, nowhere else is looked.
    public var dataDirectory: String?
    /// Whether the files' SHA-256 must be that of the manifest. Off for data modified on purpose.
    public var verifies = true
    /// A user's own files.
    public var files = Files()
    /// The seed of whatever is drawn: held-out rows, synthetic data. Splits of published sets are fixed.
    public var seed: Seed
    /// The environment: `TRIBUTARY_DATA`, `XDG_CACHE_HOME` and `HOME` say where to look.
    public var environment: [String: String]

    /// A request for the set called `name`, in the process's own environment unless another is given.
    public init(
        name: String, dataDirectory: String? = nil, seed: Seed = Seed(0),
        environment: [String: String]? = nil
    ) {
        self.name = name
        self.dataDirectory = dataDirectory
        self.seed = seed
        self.environment = environment ?? ProcessInfo.processInfo.environment
    }

    /// The name before the colon.
    var baseName: String { String(name.prefix { $0 != ":" }) }

    /// What follows the colon, split at commas.
    var parameters: [String] {
        guard let colon = name.firstIndex(of: ":") else { return [] }
        return name[name.index(after: colon)...].split(separator: ",", omittingEmptySubsequences: false).map(
            String.init)
    }
}
