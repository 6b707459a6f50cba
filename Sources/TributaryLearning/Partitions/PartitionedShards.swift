import TributaryMath

/// A partition kept as one array of rows, client after client: a shard is a slice of it.
struct PartitionedShards: ShardSource {
    private let rows: OwnedRows
    private let centralTest: OwnedRows?
    private let holdOut: HoldOut

    let clientCount: Int

    /// Shards of rows, each shuffled by `seed` and then cut into train, validation and test.
    init(_ owned: OwnedRows, centralTest: OwnedRows? = nil, holdOut: HoldOut, seed: Seed) {
        var owned = owned
        owned.shuffleEach(seed: seed.derived("shard order"))
        rows = owned
        self.centralTest = centralTest
        self.holdOut = holdOut
        clientCount = owned.clientCount
    }

    func trainCount(of client: Int) -> Int {
        holdOut.counts(of: rows[client].count).train
    }

    func shard(of client: Int) -> Shard {
        var shard = holdOut.shard(of: rows[client])
        if let centralTest { shard.centralTest = centralTest[client] }
        return shard
    }
}

extension HoldOut {
    /// Rows in random order, cut into a shard.
    func shard(of rows: ArraySlice<UInt32>) -> Shard {
        let counts = self.counts(of: rows.count)
        let validationEnd = rows.startIndex + counts.train + counts.validation
        return Shard(
            train: rows.prefix(counts.train), validation: rows[(rows.startIndex + counts.train)..<validationEnd],
            test: rows[validationEnd...])
    }
}

/// Rows grouped by their owner, in compressed form: one array of rows and the bounds between owners.
struct OwnedRows {
    /// The owner of a row that belongs to nobody.
    static let nobody = UInt32.max

    private var rows: [UInt32]
    private let bounds: [Int]

    var clientCount: Int { bounds.count - 1 }

    /// Groups rows 0 ..< `owners.count` by owner (a counting sort: linear, rows of an owner in ascending order).
    init(owners: [UInt32], clientCount: Int) {
        var bounds = [Int](repeating: 0, count: clientCount + 1)
        for owner in owners where owner != Self.nobody { bounds[Int(owner) + 1] += 1 }
        for client in 0..<clientCount { bounds[client + 1] += bounds[client] }
        var next = bounds
        var rows = [UInt32](repeating: 0, count: bounds[clientCount])
        for (row, owner) in owners.enumerated() where owner != Self.nobody {
            rows[next[Int(owner)]] = UInt32(row)
            next[Int(owner)] += 1
        }
        self.rows = rows
        self.bounds = bounds
    }

    subscript(client: Int) -> ArraySlice<UInt32> {
        rows[bounds[client]..<bounds[client + 1]]
    }

    mutating func shuffleEach(seed: Seed) {
        rows.withUnsafeMutableBufferPointer { buffer in
            for client in 0..<(bounds.count - 1) {
                var stream = seed.derived("client", UInt64(client)).stream()
                stream.shuffle(UnsafeMutableBufferPointer(rebasing: buffer[bounds[client]..<bounds[client + 1]]))
            }
        }
    }
}

/// Shards drawn when they are asked for: nothing is stored for a client that is not active.
struct ResampledShards: ShardSource {
    let clientCount: Int
    private let rowCount: Int
    private let population: Int
    private let holdOut: HoldOut
    private let seed: Seed

    /// `clientCount` clients that draw `rowCount` distinct rows each of 0 ..< `population`.
    init(clientCount: Int, rowCount: Int, population: Int, holdOut: HoldOut, seed: Seed) {
        self.clientCount = clientCount
        self.rowCount = rowCount
        self.population = population
        self.holdOut = holdOut
        self.seed = seed.derived("resample")
    }

    func trainCount(of client: Int) -> Int {
        holdOut.counts(of: rowCount).train
    }

    func shard(of client: Int) -> Shard {
        var stream = seed.derived("client", UInt64(client)).stream()
        let rows = stream.sample(rowCount, of: population).map(UInt32.init)
        return holdOut.shard(of: rows[...])
    }
}
