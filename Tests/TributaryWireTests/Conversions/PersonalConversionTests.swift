import Testing
import TributaryCore
import TributaryMath
import TributaryTesting
import TributaryWire

/// What a task asks of clients that have models of their own, and what they say of them.
@Suite struct PersonalConversionTests {
    private func sent(_ message: WireTask) throws -> WireTask {
        let type = try #require(ConnectContentType.allCases.last)
        return try ConnectCoding.decode(WireTask.self, from: ConnectCoding.encode(message, as: type), as: type)
    }

    /// A task of a model of three tensors, the last of which stay with clients.
    private func task(_ kind: TaskKind, _ samples: inout Samples, head: Int = 1) throws -> TaskDescription {
        var task = try samples.task(kind)
        let names = ["a", "b", "c"]
        task.layout = TensorLayout(names.map { (name: $0, shape: [2]) })
        (task.method, task.model.byteCount) = (nil, 6 * task.model.encoding.bytesPerElement)
        task.personal = TaskPersonal(
            try #require(PartText(planText: "fedrep:head=\(max(head, 1)),head-epochs=2")), form: "head-1",
            head: Array(names.suffix(head)),
            countedRound: samples.stream.bernoulli(0.5) ? nil : RoundNumber(1 + samples.stream.uniform(below: 1000)))
        return task
    }

    @Test(arguments: TestSeeds.first(40))
    func whatATaskAsksComesBack(seed: Seed) throws {
        var samples = Samples(seed)
        for kind in TaskKind.allCases {
            for head in 0...2 {
                var task = try task(kind, &samples, head: head)
                // Who tunes a model before scoring it is told how to train.
                if kind == .evaluate, head == 0 { task.solver = samples.solver() }
                #expect(try TaskDescription(sent(WireTask(task))) == task)
            }
        }
        #expect(!WireTask(try samples.task(.train)).hasPersonal)
    }

    @Test func whoHasNoModelOfItsOwnIsNotToldHowToTrainForAScore() throws {
        var samples = Samples(Seed(2))
        var message = WireTask(try task(.evaluate, &samples))
        message.training = WireTask(try task(.train, &samples)).training
        #expect(try TaskDescription(message).solver != nil)
        message.clearPersonal()
        #expect(try TaskDescription(message).solver == nil)
    }

    /// A client that misread it would send what is to stay with it.
    @Test func whatMakesNoSenseIsRefused() throws {
        let faults: [(String, (inout WireTaskPersonal) -> Void)] = [
            ("personal.name", { $0.name = "" }), ("personal.name", { $0.name = "ditto:lambda" }),
            ("personal.form", { $0.form = "" }), ("personal.form", { $0.form = "a\nb" }),
            ("personal.counted_round", { $0.countedRound = .max }), ("personal.head[0]", { $0.head = ["d"] }),
            ("personal.head[1]", { $0.head = ["c", "b"] }), ("personal.head[1]", { $0.head = ["b", "b"] }),
            ("personal.head", { $0.head = ["a", "b", "c"] }),
            ("personal.head", { $0.head = Array(repeating: "a", count: 20_000) }),
        ]
        for (field, change) in faults {
            var samples = Samples(Seed(3))
            var message = WireTask(try task(.train, &samples))
            change(&message.personal)
            let error = #expect(throws: ConnectError.self, "\(field)") { try TaskDescription(message) }
            #expect(error?.code == .invalidArgument && error?.message.hasPrefix("field \(field)") == true, "\(field)")
        }
    }

    @Test(arguments: TestSeeds.first(40))
    func scoresOfOwnModelsComeBack(seed: Seed) throws {
        var samples = Samples(seed)
        let task = try samples.taskID(.evaluate)
        let count = samples.stream.uniform(below: 1000)
        func score() -> Evaluation {
            let correct = samples.stream.bernoulli(0.5) ? nil : samples.stream.uniform(below: count + 1)
            return Evaluation(exampleCount: count, lossSum: samples.stream.normal(), correctCount: correct)
        }
        for own in [nil, score()] {
            let result = TaskResult.evaluated(score(), metrics: samples.metrics(), own: own)
            let message = WireSubmitRequest(task: task, result: result)
            for type in ConnectContentType.allCases {
                let bytes = try ConnectCoding.encode(message, as: type)
                #expect(try TaskResult(ConnectCoding.decode(WireSubmitRequest.self, from: bytes, as: type)) == result)
            }
        }
    }

    @Test func aScoreOfMoreThanThereIsIsRefused() throws {
        var samples = Samples(Seed(5))
        let score = Evaluation(exampleCount: 10, lossSum: 1, correctCount: 3)
        let task = try samples.taskID(.evaluate)
        var message = WireSubmitRequest(task: task, result: .evaluated(score, metrics: [:], own: score))
        message.evaluation.ownCorrectCount = 11
        #expect(throws: ConnectError.self) { try TaskResult(message) }
        message.evaluation.ownCorrectCount = 10
        #expect(try TaskResult(message).kind == .evaluate)
        message.evaluation.clearOwnLossSum()
        let error = #expect(throws: ConnectError.self) { try TaskResult(message) }
        #expect(error?.message.contains("evaluation.own_loss_sum") == true)
    }

    @Test func aRoundsReportHasThem() {
        var summary = RoundSummary(
            round: RoundNumber(4), outcome: .committed, modelVersion: ModelVersion(3), learningRate: 0.1)
        #expect(!WireRoundReport(summary).hasPersonalLoss && !WireRoundReport(summary).hasPersonalAccuracy)
        summary.personal = FederatedScore([Evaluation(exampleCount: 4, lossSum: 1, correctCount: 3)])
        let report = WireRoundReport(summary)
        #expect(report.personalLoss == 0.25 && report.personalAccuracy == 0.75)
    }
}
