/// One client that trains on what all clients of a population train on.
struct PooledShards: ShardSource {
    private let rows: [UInt32]

    init(_ shards: any ShardSource) {
        // Shards drawn on demand overlap; pooled, each row counts once.
        var seen: Set<UInt32> = []
        rows = (0..<shards.clientCount).flatMap { shards.shard(of: $0).train.filter { seen.insert($0).inserted } }
    }

    var clientCount: Int { 1 }
    func trainCount(of client: Int) -> Int { rows.count }
    func shard(of client: Int) -> Shard { Shard(train: rows[...]) }
}
