public import TributaryCore
public import TributaryLearning
import TributaryMath

/// A plan's data set, dealt out to its clients.
public struct SharedData: Sendable {
    /// The data set.
    public let dataset: Dataset
    /// How the examples were dealt out.
    public let partitioning: Partitioning
    /// Who holds what.
    public let shards: any ShardSource

    /// Loads a plan's data set and deals it out by the plan's seed.
    ///
    /// - Throws: `DatasetError` or `PlanError`, each one line for the person.
    public init(_ plan: Plan) throws { try self.init(plan) { $0 } }

    /// The same with the data set that `storage` has in place of the one that was loaded: an equal one that is in memory.
    init(_ plan: Plan, storage: (Dataset) -> Dataset) throws {
        let plan = try plan.withDataPathsResolved()
        dataset = storage(try DatasetLoader.load(plan.datasetRequest))
        partitioning = try plan.partitioning(of: dataset)
        let holdOut = try HoldOut(validation: plan.data.validation, test: plan.data.test)
        shards = try partitioning.makeShards(
            dataset, clients: plan.clientCount(for: partitioning), holdOut: holdOut, seed: Seed(plan.seed))
    }
}
