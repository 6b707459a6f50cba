import TributaryCore
import TributaryLearning
import TributarySimulation

/// The data that a client has: a whole file, or one client's part of it.
struct LocalData: Sendable {
    let dataset: Dataset
    let shards: any ShardSource
    /// Whose shard it is.
    let client: Int
    /// Whether the client has all of it.
    let isWhole: Bool

    var signature: DataSignature { dataset.signature }

    /// The examples that are trained on.
    var exampleCount: Int { shards.trainCount(of: client) }

    /// Loads the data. Without `client` all of it is one shard; with it, the data is dealt out as the flags say and this
    /// client's part is taken, counted from 0 as tributary datasets partition shows them.
    init(_ flags: DataFlags, seed: String?, client: Int?) throws {
        var plan = Plan()
        for flag in flags.fields + [("seed", "seed", seed)] { try plan.apply(flag) }
        isWhole = client == nil
        if client == nil {
            guard flags.partition == nil, flags.clients == nil else {
                throw CommandFailure(
                    .usage,
                    "--partition and --clients deal data out to several clients; say which one this is: --client 0")
            }
            plan.data.partition = "iid"
            plan.data.clients = 1
        }
        let shared = try SharedData(plan)
        (dataset, shards) = (shared.dataset, shared.shards)
        self.client = client ?? 0
        guard (0..<shards.clientCount).contains(self.client) else {
            throw CommandFailure(
                .usage,
                "--client is \(self.client), but the data is dealt out to \(shards.clientCount) clients, 0 to \(shards.clientCount - 1)"
            )
        }
        guard exampleCount > 0 else {
            throw CommandFailure(
                .badData, "client \(self.client) holds no examples to train on; choose another, or another --partition")
        }
    }
}
