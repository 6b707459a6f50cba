public import TributaryCore
public import TributaryLearning

/// What a plan becomes when its data is loaded: the data set, the clients' shards, the trainer, and the plan with every
/// open choice made.
public struct Assembly: Sendable {
    /// The plan with nothing left to be chosen: running it again gives the same bytes.
    public let plan: Plan
    /// The data set.
    public let dataset: Dataset
    /// Who holds what.
    public let shards: any ShardSource
    /// How the examples were dealt out.
    public let partitioning: Partitioning
    /// The trainer of all clients.
    public let trainer: any PoolableTrainer
    /// The data set's digest, where it was taken before.
    private let digest: String?
    /// Whether a part of the model stays with each client.
    private let hasOwnHeads: Bool

    /// Loads a plan's data, deals it out, makes its model and checks that all of it fits together.
    ///
    /// - Parameter catalogue: the parts that the plan may name.
    /// - Throws: `DatasetError`, `ModelError` or `PlanError`, each one line for the person.
    public init(_ plan: Plan, catalogue: Catalogue = .standard) throws {
        try self.init(plan, on: SharedData(plan), digest: nil, catalogue: catalogue)
    }

    /// The same with the plan's data from a pool.
    public init(_ plan: Plan, from pool: inout DataPool, catalogue: Catalogue = .standard) throws {
        let data = try pool.data(for: plan)
        try self.init(plan, on: data.shared, digest: data.digest, catalogue: catalogue)
    }

    private init(_ plan: Plan, on shared: SharedData, digest: String?, catalogue: Catalogue) throws {
        self.digest = digest
        var plan = try plan.withDataPathsResolved()
        (dataset, shards, partitioning) = (shared.dataset, shared.shards, shared.partitioning)
        try plan.checkAccuracyIsMeasured(on: dataset)
        let spec = plan.model == "auto" ? ModelSpec(fitting: dataset.signature) : try ModelSpec(parsing: plan.model)
        let limits = EvaluationLimits(
            testExamples: plan.evaluation.testExamples, clientExamples: plan.evaluation.clientExamples)
        let adversaries = try Adversaries(plan, population: shards.clientCount, catalogue: catalogue)
        var trained = dataset
        if let flip = adversaries.labelFlip {
            trained = try dataset.flippingLabels(flip, of: adversaries.clients, shards, partitioning)
        }
        trainer = try spec.makeTrainer(for: trained, shards: shards, limits: limits)
        plan.data.partition = partitioning.description
        plan.data.clients = shards.clientCount
        plan.model = spec.description
        let resolved = try ResolvedPlan(plan, populationSize: shards.clientCount, catalogue: catalogue)
        self.plan = resolved.plan
        if case .ownHead? = resolved.strategy.personalisation { hasOwnHeads = true } else { hasOwnHeads = false }
    }

    /// What the plan asks for and this data cannot give: one line for each.
    public var notes: [String] { evaluationNotes + headNotes }

    private var headNotes: [String] {
        guard hasOwnHeads, dataset.test != nil else { return [] }
        return [
            "heads stay with their clients, so that the global model's is untrained and its test score says little; see the "
                + "federated evaluation, which is of each client's own model"
        ]
    }

    private var evaluationNotes: [String] {
        let some = (0..<min(shards.clientCount, 100)).map { shards.shard(of: $0) }
        let holdsOut = plan.data.test > 0 || some.contains { !$0.test.isEmpty || !$0.centralTest.isEmpty }
        if let interval = plan.evaluation.federatedEvery, interval > 0, !holdsOut {
            return ["no client holds examples out, so there is no federated evaluation; give --holdout-test 0.2"]
        }
        if plan.data.test > 0, some.contains(where: { !$0.centralTest.isEmpty }) {
            return ["the data set says which test examples are whose, so data.test (--holdout-test) has no effect"]
        }
        return []
    }

    /// The record of a run of this plan.
    public func makeRecord(version: String, workers: Int) -> RunRecord {
        RunRecord(
            version: version, name: plan.name ?? "\(plan.data.set) \(plan.model)", seed: plan.seed, plan: plan.text,
            data: RunRecord.Data(
                set: plan.data.set, trainExamples: dataset.train.count, testExamples: dataset.test?.count ?? 0,
                classes: dataset.train.classCount, clients: shards.clientCount, partition: plan.data.partition,
                shardSizes: shardSizes, sha256: digest ?? dataset.sha256),
            model: RunRecord.Model(name: plan.model, parameters: trainer.layout.count),
            machine: .current(workers: workers))
    }

    /// Smallest, median and largest number of training examples; nil where shards are drawn on demand.
    private var shardSizes: [Int]? {
        if case .resample = partitioning { return nil }
        let sizes = (0..<shards.clientCount).map { shards.trainCount(of: $0) }.sorted()
        guard let smallest = sizes.first, let largest = sizes.last else { return nil }
        return [smallest, sizes[sizes.count / 2], largest]
    }
}

extension Plan {
    /// Refuses to wait for an accuracy that is never measured.
    fileprivate func checkAccuracyIsMeasured(on dataset: Dataset) throws(PlanError) {
        let fields = [stop.accuracy.map { _ in "stop.accuracy" }, stop.target.map { _ in "stop.target" }]
        guard let field = fields.compactMap(\.self).first else { return }
        if dataset.train.classCount == nil {
            throw PlanError(
                "\(field) is an accuracy, but the labels of \(data.set) are numbers, which have none; leave it out")
        }
        if dataset.test == nil {
            throw PlanError(
                "\(field) needs a central test set, and \(data.set) has none; leave it out or give data.test-file")
        }
    }
}
