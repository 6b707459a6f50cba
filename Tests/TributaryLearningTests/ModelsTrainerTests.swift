import Testing
import TributaryCore
import TributaryLearning
import TributaryMath

@Suite struct ModelsTrainerTests {
    private func trainer(testCount: Int = 1203) throws -> ModelTrainer<DenseNetwork> {
        try ModelTrainer(
            model: .classifier(inputs: 30, hidden: [33], classes: 4),
            dataset: SmallData.bytes(40, testCount: testCount),
            shards: WrittenShards([
                Shard(train: [0, 1, 2, 3, 4], test: [30, 31, 39]), Shard(train: [5, 6, 7]),
            ]))
    }

    @Test func chunksCoverTheTestSetOnce() throws {
        let trainer = try trainer()
        let weights = trainer.initialWeights(seed: Seed(1)).values
        var workspace = trainer.makeWorkspace()
        var total = Evaluation.empty
        for chunk in 0..<trainer.testChunkCount {
            total.merge(trainer.evaluateTest(chunk: chunk, weights: weights, workspace: &workspace))
        }
        var whole = Batch(width: 30)
        let test = SmallData.bytes(40, testCount: 1203).test
        let examples = try #require(test)
        whole.gather((0..<1203).map { UInt32($0) }[...], from: examples)
        var modelWorkspace = trainer.model.makeWorkspace()
        let expected = trainer.model.evaluate(whole, weights: weights.span, workspace: &modelWorkspace)
        #expect(total.exampleCount == 1203)
        #expect(total.correctCount == expected.correctCount)
        #expect(abs(total.lossSum - expected.lossSum) < 1e-3)
    }

    @Test func theRootMeanSquareLossIsThatOfSingleExamples() throws {
        func trainer(_ sizes: [Int]) throws -> ModelTrainer<DenseNetwork> {
            try ModelTrainer(
                model: .classifier(inputs: 30, hidden: [33], classes: 4), dataset: SmallData.bytes(40, testCount: 1),
                shards: WrittenShards(sizes: sizes))
        }
        let (alone, together) = (try trainer([Int](repeating: 1, count: 12)), try trainer([12, 0]))
        let weights = alone.initialWeights(seed: Seed(1)).values
        var workspace = alone.makeWorkspace()
        let squares = (0..<12).reduce(0.0) { sum, client in
            let loss = alone.loss(of: ClientID(index: client), at: weights, workspace: &workspace)
            return sum + loss * loss
        }
        let value = together.rootMeanSquareLoss(of: ClientID(0), at: weights, workspace: &workspace)
        #expect(abs(value - (squares / 12).squareRoot()) < 1e-9)
        #expect(value > together.loss(of: ClientID(0), at: weights, workspace: &workspace) * 1.0001)
        #expect(together.rootMeanSquareLoss(of: ClientID(1), at: weights, workspace: &workspace) == 0)
    }

    @Test func aClientIsEvaluatedOnTheRowsItHoldsOut() throws {
        let trainer = try trainer()
        let weights = trainer.initialWeights(seed: Seed(1)).values
        var workspace = trainer.makeWorkspace()
        let first = trainer.evaluate(client: ClientID(0), weights: weights, workspace: &workspace)
        #expect(first.exampleCount == 3)
        #expect(trainer.evaluate(client: ClientID(1), weights: weights, workspace: &workspace) == .empty)
    }

    @Test func resultsDoNotDependOnWhatAWorkspaceDidBefore() throws {
        func check(_ trainer: some Trainer) {
            func run<T: Trainer>(_ trainer: T, usedBefore: Bool) -> ([Float], Double) {
                var workspace = trainer.makeWorkspace()
                var solver = LocalSolver()
                let start = trainer.initialWeights(seed: Seed(1)).values
                if usedBefore {
                    solver.batchSize = nil
                    solver.momentum = 0.9
                    solver.learningRate = 1e20
                    var weights = start
                    let task = TrainingTask(
                        round: RoundNumber(1), client: ClientID(0), solver: solver, seed: Seed(8))
                    _ = trainer.train(task, weights: &weights, workspace: &workspace)
                    _ = trainer.train(task, weights: &weights, workspace: &workspace)
                }
                solver = LocalSolver()
                solver.batchSize = 3
                solver.momentum = 0.5
                var weights = start
                let task = TrainingTask(round: RoundNumber(2), client: ClientID(0), solver: solver, seed: Seed(9))
                let outcome = trainer.train(task, weights: &weights, workspace: &workspace)
                return (weights, outcome.meanLoss)
            }
            let fresh = run(trainer, usedBefore: false)
            let used = run(trainer, usedBefore: true)
            #expect(fresh.0 == used.0 && fresh.1 == used.1)
        }
        let shards = WrittenShards(sizes: [11])
        try check(
            ModelTrainer(
                model: DenseNetwork.classifier(inputs: 30, hidden: [33], classes: 4), dataset: SmallData.bytes(11),
                shards: shards))
        try check(
            ModelTrainer(
                model: ConvolutionalNetwork(height: 9, width: 7, channels: 1, classes: 3, filters: (4, 6), hidden: 10),
                dataset: SmallData.classes(11, shape: [9, 7]), shards: shards))
        try check(
            ModelTrainer(
                model: CharacterLSTM(vocabulary: 11, classes: 11, embedding: 3, widths: [9, 7]),
                dataset: SmallData.text(11), shards: shards))
    }

    @Test func labelsOutsideTheirClassesAreRefused() {
        let table = Examples(
            features: .numbers([1, 2, 3]), labels: .classes([0, 2, 1], classCount: 2), shape: [1])
        let error = #expect(throws: ModelError.self) {
            try ModelTrainer(
                model: DenseNetwork.classifier(inputs: 1, hidden: [], classes: 2),
                dataset: Dataset(name: "odd", train: table, test: nil), shards: WrittenShards(sizes: [3]))
        }
        #expect(
            error?.description
                == "row 1 of the training table of odd has label 2, but there are 2 classes (0 to 1)")
    }

    @Test func testExamplesOfAnotherShapeAreRefused() {
        var dataset = SmallData.classes(4)
        dataset.test = SmallData.classes(4, shape: [7]).train
        #expect(throws: ModelError.self) {
            try ModelTrainer(
                model: DenseNetwork.classifier(inputs: 6, hidden: [], classes: 3), dataset: dataset,
                shards: WrittenShards(sizes: [4]))
        }
    }

    @Test func trainingLearns() throws {
        // Labels that a linear rule gives are learned nearly perfectly.
        let features = Formula.numbers(300 * 6, seed: 4)
        let labels = (0..<300).map { UInt16(features[6 * $0] + 2 * features[6 * $0 + 3] > 0.1 ? 1 : 0) }
        let table = Examples(
            features: .numbers(features), labels: .classes(labels, classCount: 2), shape: [6])
        let trainer = try ModelTrainer(
            model: DenseNetwork.classifier(inputs: 6, hidden: [], classes: 2),
            dataset: Dataset(name: "linear rule", train: table, test: table), shards: WrittenShards(sizes: [300]))
        let (weights, _) = trainer.trained(from: trainer.initialWeights(seed: Seed(1)).values) {
            $0.work = .epochs(60)
            $0.learningRate = 0.5
        }
        var workspace = trainer.makeWorkspace()
        let result = trainer.evaluateTest(chunk: 0, weights: weights, workspace: &workspace)
        #expect((result.accuracy ?? 0) > 0.97)
    }
}
