import Synchronization
import Testing
import TributaryClient
import TributaryCore
import TributaryMath
import TributaryWire

/// Tasks whose run has a method: what a client makes of its training, and what goes with it.
@Suite struct MethodTests {
    private static let model: [Float] = (0..<12).map { Float($0) / 8 }
    private static let difference: [Float] = (0..<12).map { Float($0 % 5) / 4 - 0.5 }

    /// Goes the same way in every task, and measures a loss of 2.
    private struct SteadyTrainer: LocalTrainer {
        func train(
            _ task: TaskDescription, from weights: [Float], progress: TaskProgress
        ) async throws -> LocalUpdate {
            LocalUpdate(
                weights: zip(weights, MethodTests.difference).map { $0 + $1 }, exampleCount: 20, stepCount: 4,
                meanLoss: 0.5)
        }

        func loss(_ task: TaskDescription, at weights: [Float]) async throws -> Double { 2 }
    }

    private func play(_ server: FakeServer, _ trainer: some LocalTrainer, catalogue: Catalogue = .standard) async throws
    {
        var settings = ClientSettings(server: "https://fake.test")
        (settings.taskLimit, settings.catalogue) = (1, catalogue)
        let client = FederatedClient(
            trainer, settings: settings, transport: server, store: MemoryStore(registrationKey: Array(1...32)),
            observer: Events(), models: nil, clock: JumpingClock())
        try await client.run()
    }

    private func offer(_ method: String, form: String, _ server: FakeServer) -> String {
        server.offer("run/1/train", model: Self.model) {
            ($0.method.name, $0.method.form, $0.updateBound) = (method, form, 1000)
        }
        return "run/1/train"
    }

    /// What a method makes of the difference where all of it is in one process.
    private func expected(_ text: String) throws -> (update: [Float], figures: [Double]) {
        var plan = Plan()
        try plan.set("strategy.method", to: text)
        let method = try Strategy(plan).method
        var solver = LocalSolver()
        method.adjust(&solver, figures: method.initialFigures(populationSize: 1))
        var work = LocalWork(
            solver: solver, outcome: TrainingOutcome(exampleCount: 20, stepCount: 4, meanLoss: 0.5))
        if method.form.measure == .loss { work.loss = 2 }
        var update = Self.difference
        var (memory, message): ([Float], [Float]) = ([], [])
        var updates = update.mutableSpan
        var memories = memory.mutableSpan
        var messages = message.mutableSpan
        let figures = method.finish(work, update: &updates, memory: &memories, message: &messages)
        return (update, figures)
    }

    @Test(arguments: [("nova", "nova-1"), ("qfedavg:q=0.5", "qfair-1"), ("qfedsgd:q=2", "qfair-1")])
    func `an update is what the method makes of the training`(text: String, form: String) async throws {
        let server = FakeServer()
        let task = offer(text, form: form, server)
        try await play(server, SteadyTrainer())
        let (update, figures) = try expected(text)
        #expect(server.update(of: task)?.map(\.bitPattern) == update.map(\.bitPattern))
        let report = try #require(server.submissions[task]?.training.method)
        #expect(report.form == form && report.figures == figures)
    }

    @Test func `a task without a method is answered without a report`() async throws {
        let server = FakeServer()
        server.offer("run/1/train", model: Self.model)
        try await play(server, SteadyTrainer())
        #expect(server.submissions["run/1/train"]?.training.hasMethod == false)
    }

    @Test(arguments: [("unheard-of", "unheard-of-1"), ("nova", "nova-2"), ("nova:mu=x", "nova-1")])
    func `a method that is not known gives the task back`(text: String, form: String) async throws {
        let server = FakeServer()
        let task = offer(text, form: form, server)
        server.offer("run/9/train", model: Self.model) { $0.updateBound = 1000 }
        try await play(server, SteadyTrainer())
        #expect(Set(server.submissions.keys) == ["run/9/train"])
        #expect(server.failures.map(\.taskID) == [task])
        #expect(server.failures.first?.message.contains("does not know the task's method") == true)
        // It does not even ask for the model.
        #expect(server.requests.count { if case .download = $0 { true } else { false } } == 1)
    }

    @Test func `a trainer that does not measure gives the task back`() async throws {
        let server = FakeServer()
        let task = offer("qfedavg", form: "qfair-1", server)
        server.offer("run/9/train", model: Self.model) { $0.updateBound = 1000 }
        try await play(server, HalfTrainer())
        #expect(Set(server.submissions.keys) == ["run/9/train"] && server.failures.map(\.taskID) == [task])
    }

    @Test func `a method of the app's own is known by its catalogue`() async throws {
        var catalogue = Catalogue.standard
        catalogue.add(Halving.self)
        let server = FakeServer()
        let task = offer("halving", form: "halving-1", server)
        try await play(server, SteadyTrainer(), catalogue: catalogue)
        #expect(server.update(of: task) == Self.difference.map { $0 / 2 })
        #expect(server.submissions[task]?.training.method.figures == [4])
    }
}

/// A method of somebody else's: half of every update.
private struct Halving: FederatedMethod {
    static let about = PartDescription(name: "halving", summary: "Half.", paper: "none", combinations: "anything")
    static let parameters: [PartParameter<Halving>] = []

    var form: MethodForm {
        var form = MethodForm(name: "halving-1")
        form.figures = ["steps"]
        return form
    }

    func finish(
        _ work: LocalWork, update: inout MutableSpan<Float>, memory: inout MutableSpan<Float>,
        message: inout MutableSpan<Float>
    ) -> [Double] {
        for index in update.indices { update[index] /= 2 }
        return [Double(work.outcome.stepCount)]
    }
}
