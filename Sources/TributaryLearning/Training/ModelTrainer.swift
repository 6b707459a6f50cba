public import TributaryCore
public import TributaryMath

/// Local training of a model on the shards of one table: what the simulator and the shipped clients run.
public struct ModelTrainer<M: Model>: PoolableTrainer, MixtureTrainer {
    /// The model that is trained.
    public let model: M
    private let examples: Examples
    private let test: Examples?
    private let limits: EvaluationLimits
    /// What a loss of 1 is in the labels' own units: their variance, where they were scaled by their deviation.
    private let lossUnit: Double
    private let shards: any ShardSource

    /// Examples in a chunk of the central test set. Fixed, so that sums merged in chunk order do not depend on how
    /// many workers there are.
    public static var testChunkSize: Int { 500 }

    /// A trainer of `model` on the shards of the data set's training table.
    ///
    /// Throws when the data contradicts itself: test examples of another shape, or a label that is no class.
    public init(
        model: M, dataset: Dataset, shards: any ShardSource, limits: EvaluationLimits = .none
    ) throws(ModelError) {
        try dataset.train.checkLabels(in: "the training table of \(dataset.name)")
        if let test = dataset.test {
            try test.checkLabels(in: "the test table of \(dataset.name)")
            try test.checkMatches(dataset.train, name: dataset.name)
        }
        self.model = model
        self.examples = dataset.train.scalingTargets(by: dataset.targetScaling)
        self.test = dataset.test?.scalingTargets(by: dataset.targetScaling)
        lossUnit = dataset.targetScaling.map { Double($0.deviation) * Double($0.deviation) } ?? 1
        self.limits = limits
        self.shards = shards
    }

    /// The same model on one client that holds what all clients train on.
    public func pooled() -> ModelTrainer {
        ModelTrainer(self, shards: PooledShards(shards))
    }

    private init(_ other: ModelTrainer, shards: any ShardSource) {
        model = other.model
        examples = other.examples
        test = other.test
        limits = other.limits
        lossUnit = other.lossUnit
        self.shards = shards
    }

    /// The tensors of the model.
    public var layout: TensorLayout { model.layout }
    /// The number of clients that hold data.
    public var clientCount: Int { shards.clientCount }

    /// Chunks of ``testChunkSize`` that the central test set is scored in, the last perhaps smaller.
    public var testChunkCount: Int {
        (testRows.count + Self.testChunkSize - 1) / Self.testChunkSize
    }

    /// The model's own initial weights.
    public func initialWeights(seed: Seed) -> Weights {
        Weights(layout: layout, values: model.initialWeights(seed: seed))
    }

    /// Buffers for one worker.
    public func makeWorkspace() -> TrainingWorkspace<M> {
        TrainingWorkspace(model: model.makeWorkspace(), width: examples.width)
    }

    /// The number of training examples on a client.
    public func exampleCount(of client: ClientID) -> Int {
        shards.trainCount(of: client.index)
    }

    /// Trains on the task's client in place, with randomness from the task's seed alone.
    public func train(
        _ task: TrainingTask, weights: inout [Float], workspace: inout TrainingWorkspace<M>
    ) -> TrainingOutcome {
        var mixture: ModelMixture?
        return run(task, weights: &weights, mixture: &mixture, workspace: &workspace)
    }

    /// The same, and with every step the mixture's own part, with the first its share.
    public func train(
        _ task: TrainingTask, weights: inout [Float], mixture: inout ModelMixture,
        workspace: inout TrainingWorkspace<M>
    ) -> TrainingOutcome {
        var own: ModelMixture? = mixture
        // One owner, so that the model in it is changed in place.
        mixture.own = []
        let outcome = run(task, weights: &weights, mixture: &own, workspace: &workspace)
        if let own { mixture = own }
        return outcome
    }

    private func run(
        _ task: TrainingTask, weights: inout [Float], mixture: inout ModelMixture?,
        workspace: inout TrainingWorkspace<M>
    ) -> TrainingOutcome {
        precondition(weights.count == layout.count, "weights of another length than the model")
        let rows = shards.shard(of: task.client.index).train
        var outcome = LocalSGD(model: model, solver: task.solver, offset: task.offset, frozen: task.frozen).run(
            rows: rows, of: examples, seed: task.seed, weights: &weights, mixture: &mixture, workspace: &workspace)
        outcome.meanLoss *= lossUnit
        return outcome
    }

    /// Training takes whatever a method adds to gradients.
    public var correctsGradients: Bool { true }
    /// Tensors can be held still while others train.
    public var freezesCoordinates: Bool { true }

    /// The mean loss of a client's training examples, in the terms that gradients are of.
    public func loss(
        of client: ClientID, at weights: borrowing [Float], workspace: inout TrainingWorkspace<M>
    ) -> Double {
        workspace.rows.removeAll(keepingCapacity: true)
        workspace.rows.append(contentsOf: shards.shard(of: client.index).train)
        let score = evaluateRows(of: examples, weights: weights, workspace: &workspace)
        return (score.loss ?? 0) / lossUnit
    }

    /// The root of the mean squared loss of a client's training examples, which are scored one by one.
    public func rootMeanSquareLoss(
        of client: ClientID, at weights: borrowing [Float], workspace: inout TrainingWorkspace<M>
    ) -> Double {
        let rows = shards.shard(of: client.index).train
        var sum = 0.0
        for row in rows {
            workspace.rows.removeAll(keepingCapacity: true)
            workspace.rows.append(row)
            let loss = evaluateRows(of: examples, weights: weights, workspace: &workspace).lossSum / lossUnit
            sum += loss * loss
        }
        return (sum / Double(max(rows.count, 1))).squareRoot()
    }

    /// The mean loss and gradient of a client's training examples.
    public func gradient(
        of client: ClientID, at weights: borrowing [Float], into gradient: inout [Float],
        workspace: inout TrainingWorkspace<M>
    ) -> Double {
        let loss = LocalSGD(model: model, solver: LocalSolver()).measure(
            rows: shards.shard(of: client.index).train, of: examples, weights: weights, workspace: &workspace)
        gradient = workspace.gradient
        return loss
    }

    /// The rows of the central test set that are scored.
    private var testRows: SpacedRows { SpacedRows(count: test?.count ?? 0, limit: limits.testExamples) }

    /// Scores one chunk of the central test set.
    public func evaluateTest(
        chunk: Int, weights: borrowing [Float], workspace: inout TrainingWorkspace<M>
    ) -> Evaluation {
        guard let test, chunk >= 0, chunk < testChunkCount else { return .empty }
        let start = chunk * Self.testChunkSize
        let end = min(start + Self.testChunkSize, testRows.count)
        workspace.rows.removeAll(keepingCapacity: true)
        for place in start..<end { workspace.rows.append(UInt32(testRows[place])) }
        return evaluateRows(of: test, weights: weights, workspace: &workspace)
    }

    /// Scores the rows that a client holds out of the training table.
    public func evaluate(
        client: ClientID, weights: borrowing [Float], workspace: inout TrainingWorkspace<M>
    ) -> Evaluation {
        let shard = shards.shard(of: client.index)
        var total = Evaluation.empty
        for (rows, table) in [(shard.test, examples), (shard.centralTest, test ?? examples)] where !rows.isEmpty {
            workspace.rows.removeAll(keepingCapacity: true)
            for place in SpacedRows(count: rows.count, limit: limits.clientExamples) {
                workspace.rows.append(rows[rows.startIndex + place])
            }
            total.merge(evaluateRows(of: table, weights: weights, workspace: &workspace))
        }
        return total
    }

    /// Scores the workspace's rows of a table.
    private func evaluateRows(
        of table: Examples, weights: borrowing [Float], workspace: inout TrainingWorkspace<M>
    ) -> Evaluation {
        precondition(weights.count == layout.count, "weights of another length than the model")
        var total = Evaluation.empty
        var start = 0
        while start < workspace.rows.count {
            let end = min(start + max(1, model.evaluationBatch), workspace.rows.count)
            workspace.batch.gather(workspace.rows[start..<end], from: table)
            total.merge(model.evaluate(workspace.batch, weights: weights.span, workspace: &workspace.model))
            start = end
        }
        total.lossSum *= lossUnit
        return total
    }
}

extension Examples {
    /// The table with its numeric labels shifted and scaled.
    func scalingTargets(by scaling: Dataset.TargetScaling?) -> Examples {
        guard let scaling, case .numbers(let numbers) = labels else { return self }
        let scaled = numbers.map { ($0 - scaling.mean) / scaling.deviation }
        return Examples(features: features, labels: .numbers(scaled), shape: shape)
    }

    /// Checks that every label is a class of the table.
    func checkLabels(in place: String) throws(ModelError) {
        guard case .classes(let labels, let classCount) = labels else { return }
        guard let row = labels.firstIndex(where: { $0 >= classCount }) else { return }
        throw ModelError(
            .inconsistentData,
            "row \(row) of \(place) has label \(labels[row]), but there are \(classCount) classes (0 to \(classCount - 1))"
        )
    }

    /// Checks that a model trained on `other` can be tested on this table.
    func checkMatches(_ other: Examples, name: String) throws(ModelError) {
        if shape != other.shape {
            throw ModelError(
                .inconsistentData, "\(name): test examples have shape \(shape), training examples \(other.shape)")
        }
        if classCount != other.classCount {
            throw ModelError(.inconsistentData, "\(name): test and training labels have different classes")
        }
        if features.isText != other.features.isText {
            throw ModelError(
                .inconsistentData, "\(name): one of the training and test tables is text, the other is not")
        }
    }
}

extension Examples.Features {
    var isText: Bool { if case .windows = self { true } else { false } }
}
