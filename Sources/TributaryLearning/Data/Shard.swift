/// One client's private data: views into a shared table, never copies of its examples.
public struct Shard: Sendable {
    /// Rows of the training table that the client trains on.
    public var train: ArraySlice<UInt32>
    /// Rows the client holds out to tune or stop by.
    public var validation: ArraySlice<UInt32>
    /// Rows the client holds out to be evaluated on.
    public var test: ArraySlice<UInt32>
    /// Rows of the *central test* table that are this client's own by nature; empty where nature says nothing.
    public var centralTest: ArraySlice<UInt32>

    /// A shard of the given rows.
    public init(
        train: ArraySlice<UInt32>, validation: ArraySlice<UInt32> = [], test: ArraySlice<UInt32> = [],
        centralTest: ArraySlice<UInt32> = []
    ) {
        self.train = train
        self.validation = validation
        self.test = test
        self.centralTest = centralTest
    }

    /// All rows of the training table in the shard.
    public var count: Int { train.count + validation.count + test.count }
}

/// Who holds what: the shard of every client of a population.
public protocol ShardSource: Sendable {
    /// The number of clients.
    var clientCount: Int { get }
    /// The number of training rows of a client, without drawing the shard where that can be avoided.
    func trainCount(of client: Int) -> Int
    /// The rows of a client, 0 ..< `clientCount`; the same at every call.
    func shard(of client: Int) -> Shard
}
