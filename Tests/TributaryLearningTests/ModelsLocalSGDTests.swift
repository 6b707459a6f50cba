import Testing
import TributaryCore
import TributaryLearning
import TributaryMath

@Suite struct ModelsLocalSGDTests {
    @Test(arguments: [1, 3, 10, 25, 64, nil])
    func addingTheGradientInPlaceGivesTheSameModelAsAGradientBuffer(batchSize: Int?) throws {
        let model = DenseNetwork.classifier(inputs: 30, hidden: [33, 12], classes: 4)
        let trainer = try ModelTrainer(
            model: model, dataset: SmallData.bytes(63), shards: WrittenShards(sizes: [63]))
        let start = model.initialWeights(seed: Seed(1))
        let results = [nil, 1e9].map { clipNorm in  // a clip that never binds takes the buffered path
            trainer.trained(from: start) {
                $0.work = .epochs(3)
                $0.batchSize = batchSize
                $0.clipNorm = clipNorm
            }
        }
        #expect(distance(results[0].weights, start) > 0.01)
        #expect(distance(results[0].weights, results[1].weights) < 2e-6)
        #expect(abs(results[0].outcome.meanLoss - results[1].outcome.meanLoss) < 1e-6)
    }

    @Test func everyShippedModelMayChangeItsWeightsInPlace() throws {
        func check<M: Model>(_ model: M, _ dataset: Dataset) throws {
            let trainer = try ModelTrainer(
                model: model, dataset: dataset, shards: WrittenShards(sizes: [dataset.train.count]))
            let start = model.initialWeights(seed: Seed(1))
            let plain = trainer.trained(from: start) { $0.batchSize = 4 }
            let buffered = trainer.trained(from: start) {
                $0.batchSize = 4
                $0.clipNorm = 1e9
            }
            #expect(distance(plain.weights, buffered.weights) < 2e-6)
        }
        try check(DenseNetwork.regression(inputs: 6, hidden: [40]), SmallData.numbers(11))
        try check(
            ConvolutionalNetwork(height: 8, width: 8, channels: 1, classes: 3, filters: (4, 6), hidden: 10),
            SmallData.classes(11, shape: [8, 8]))
        try check(CharacterLSTM(vocabulary: 11, classes: 11, embedding: 3, widths: [9, 7]), SmallData.text(11))
    }

    @Test func aFullBatchLargerThanAPassIsOneStep() throws {
        // 200 rows take four passes of 64; softmax regression's step is easily made by hand.
        let dataset = SmallData.classes(200)
        let model = DenseNetwork.classifier(inputs: 6, hidden: [], classes: 3)
        let trainer = try ModelTrainer(model: model, dataset: dataset, shards: WrittenShards(sizes: [200]))
        let start = model.initialWeights(seed: Seed(1))
        let (end, outcome) = trainer.trained(from: start) { $0.batchSize = nil }
        var batch = Batch(width: 6)
        batch.gather((0..<200).map { UInt32($0) }[...], from: dataset.train)
        var gradient = [Float](repeating: 0, count: start.count)
        var span = gradient.mutableSpan
        var workspace = model.makeWorkspace()
        _ = model.addGradient(of: batch, scale: 1 / 200, weights: start.span, to: &span, workspace: &workspace)
        #expect(outcome.stepCount == 1 && outcome.exampleCount == 200)
        #expect(distance(end, zip(start, gradient).map { $0 - 0.1 * $1 }) < 1e-6)
    }

    @Test func theProximalTermPullsTowardsWhereThisTrainingStarted() throws {
        let model = DenseNetwork.classifier(inputs: 6, hidden: [], classes: 3)
        let trainer = try ModelTrainer(
            model: model, dataset: SmallData.classes(20), shards: WrittenShards(sizes: [20]))
        var used = trainer.makeWorkspace()
        for seed in 1...3 {
            let start = model.initialWeights(seed: Seed(UInt64(seed))).map { $0 + Float(seed) }
            func trained(_ mu: Double) -> [Float] {
                trainer.trained(from: start, workspace: &used) {
                    ($0.work, $0.batchSize, $0.proximal) = (.epochs(4), 5, mu)
                }.weights
            }
            // With ημ = 1 each step but the first takes back what was gone, so that only the last one shows.
            #expect(distance(trained(10), start) < distance(trained(0), start) / 3)
            #expect(distance(trained(1), start) > distance(trained(10), start))
        }
    }

    @Test func everyPassVisitsEveryRowOnceInAnOrderOfItsOwn() throws {
        let (trainer, model) = try witness(rows: 23)
        var workspace = trainer.makeWorkspace()
        _ = trainer.trained(from: [0], workspace: &workspace) {
            $0.work = .epochs(3)
            $0.batchSize = 5
        }
        let batches = model.log.batches
        #expect(batches.map(\.count) == [5, 5, 5, 5, 3, 5, 5, 5, 5, 3, 5, 5, 5, 5, 3])
        let passes = (0..<3).map { pass in Array(batches[5 * pass..<5 * pass + 5].joined()) }
        #expect(passes.allSatisfy { $0.sorted() == Array(0..<23) })
        #expect(Set(passes).count == 3)
    }

    @Test func theOrderFollowsTheTaskSeedAlone() throws {
        func order(seed: UInt64, usedBefore: Bool) throws -> [Int] {
            let (trainer, model) = try witness(rows: 23)
            var workspace = trainer.makeWorkspace()
            if usedBefore { _ = trainer.trained(from: [0], seed: 99, workspace: &workspace) { $0.batchSize = 7 } }
            model.log.batches.removeAll()
            _ = trainer.trained(from: [0], seed: seed, workspace: &workspace) { $0.batchSize = 5 }
            return model.log.batches.flatMap { $0 }
        }
        #expect(try order(seed: 1, usedBefore: false) == order(seed: 1, usedBefore: true))
        #expect(try order(seed: 1, usedBefore: false) != order(seed: 2, usedBefore: false))
    }

    @Test(arguments: [(1, 1), (7, 7), (0, 0)])
    func stepsStopInTheMiddleOfAPass(steps: Int, expected: Int) throws {
        let (trainer, model) = try witness(rows: 23)
        let (_, outcome) = trainer.trained(from: [0]) {
            $0.work = .steps(steps)
            $0.batchSize = 5
        }
        #expect(outcome.stepCount == expected && model.log.batches.count == expected)
    }

    @Test func aBatchLargerThanTheShardIsTheWholeShard() throws {
        let (trainer, model) = try witness(rows: 3)
        let (_, outcome) = trainer.trained(from: [0]) { $0.batchSize = 10 }
        #expect(outcome == TrainingOutcome(exampleCount: 3, stepCount: 1, meanLoss: 1))
        #expect(model.log.batches == [[0, 1, 2]])
    }

    @Test func anEmptyShardChangesNothing() throws {
        let model = DenseNetwork.classifier(inputs: 30, hidden: [5], classes: 4)
        let trainer = try ModelTrainer(
            model: model, dataset: SmallData.bytes(5), shards: WrittenShards(sizes: [0, 5]))
        let start = model.initialWeights(seed: Seed(1))
        let (end, outcome) = trainer.trained(from: start) { $0.batchSize = nil }
        #expect(end == start)
        #expect(outcome == TrainingOutcome(exampleCount: 0, stepCount: 0, meanLoss: 0))
    }

    @Test func aModelOfOnesOwnTrainsWithEveryOption() throws {
        // The witness's gradient is 1, so its weight moves by the solver's rule alone.
        let (trainer, _) = try witness(rows: 4)
        let (weights, outcome) = trainer.trained(from: [2]) {
            $0.work = .steps(2)
            $0.batchSize = nil
            $0.learningRate = 0.5
            $0.momentum = 0.5
            $0.weightDecay = 0.25
            $0.clipNorm = 0.75
        }
        // g₁ = 0.75 + 0.25·2 = 1.25, y₁ = 1.375; g₂ = 0.75 + 0.25·1.375, v₂ = 0.625 + g₂, y₂ = y₁ − v₂/2.
        #expect(abs(weights[0] - (1.375 - (0.625 + 0.75 + 0.34375) / 2)) < 1e-6)
        #expect(outcome.stepCount == 2)
    }

    @Test(arguments: ["mlp:20", "softmax", "cnn", "lstm:6"])
    func aModelThatHasExplodedGoesOnAndShowsIt(text: String) throws {
        var dataset = text == "lstm:6" ? SmallData.text(12) : SmallData.classes(12, shape: [6, 6])
        dataset.test = dataset.train
        let trainer = try ModelSpec(parsing: text).makeTrainer(for: dataset, shards: WrittenShards(sizes: [12]))
        let losses = lossesAfterExplosion(trainer)
        #expect(losses.allSatisfy { $0.isNaN }, "\(losses)")
    }

    /// The training and test loss of a model whose every weight is NaN, after one that grew beyond all bounds.
    private func lossesAfterExplosion<T: Trainer>(_ trainer: T) -> [Double] {
        var workspace = trainer.makeWorkspace()
        var solver = LocalSolver()
        solver.learningRate = 1e38
        solver.batchSize = 3
        let task = TrainingTask(round: RoundNumber(1), client: ClientID(0), solver: solver, seed: Seed(1))
        var weights = trainer.initialWeights(seed: Seed(1)).values
        _ = trainer.train(task, weights: &weights, workspace: &workspace)
        weights = weights.map { _ in .nan }
        let outcome = trainer.train(task, weights: &weights, workspace: &workspace)
        let test = trainer.evaluateTest(chunk: 0, weights: weights, workspace: &workspace)
        return [outcome.meanLoss, test.lossSum]
    }

    private func witness(rows: Int) throws -> (trainer: ModelTrainer<WitnessModel>, model: WitnessModel) {
        let model = WitnessModel()
        let dataset = Dataset(
            name: "row numbers",
            train: Examples(
                features: .numbers((0..<rows).map(Float.init)),
                labels: .numbers([Float](repeating: 0, count: rows)), shape: [1]), test: nil)
        return (
            try ModelTrainer(model: model, dataset: dataset, shards: WrittenShards(sizes: [rows])), model
        )
    }
}

/// A model with one weight, gradient 1 and loss 1, that writes down which rows it is shown.
private struct WitnessModel: Model {
    /// Used by one test at a time, on its own thread.
    final class Log: @unchecked Sendable { var batches: [[Int]] = [] }

    let log = Log()
    let layout = TensorLayout([(name: "weight", shape: [1])])

    func initialWeights(seed: Seed) -> [Float] { [0] }
    func makeWorkspace() {}

    func addGradient(
        of batch: Batch, scale: Float, weights: Span<Float>, to gradient: inout MutableSpan<Float>,
        workspace: inout Void
    ) -> Double {
        log.batches.append((0..<batch.count).map { Int(batch.features[$0]) })
        gradient[0] += scale * Float(batch.count)
        return Double(batch.count)
    }

    func evaluate(_ batch: Batch, weights: Span<Float>, workspace: inout Void) -> Evaluation { .empty }
}
