import Synchronization
import Testing
import TributaryClient
import TributaryCore
import TributaryMath
import TributaryTesting
import TributaryWire

/// Clients that have models of their own: what they keep and go on from, and what never leaves them.
@Suite struct PersonalTests {
    /// F(x) = Σ ½ (x − 4)², by full gradient steps of a quarter.
    private static let trainer = Quadratic()
    private static let model: [Float] = [0, 2, 8]

    private func offer(
        _ task: String, _ part: String, _ form: String, counted: Int, head: [String] = [], _ server: FakeServer,
        _ edit: (inout WireTask) -> Void = { _ in }
    ) {
        server.offer("run/\(task)", model: Self.model) { task in
            (task.personal.name, task.personal.form) = (part, form)
            (task.personal.countedRound, task.personal.head) = (UInt64(counted), head)
            if task.kind == .train || form == "tuning-1" {
                (task.training.epochs, task.training.learningRate) = (1, 0.25)
            }
            if !head.isEmpty { task.layout = [Self.tensor("x", 2), Self.tensor("head", 1)] }
            edit(&task)
        }
    }

    private static func tensor(_ name: String, _ count: UInt64) -> WireTensor {
        var tensor = WireTensor()
        (tensor.name, tensor.shape) = (name, [count])
        return tensor
    }

    private func play(
        _ server: FakeServer, tasks: Int, _ store: any ClientStore = MemoryStore(registrationKey: Array(1...32)),
        trainer: any LocalTrainer = Self.trainer, events: Events = Events(), keepsModels: Bool = true
    ) async throws -> PersonalModel? {
        var settings = ClientSettings(server: "https://fake.test")
        (settings.taskLimit, settings.keepsPersonalModels) = (tasks, keepsModels)
        let client = FederatedClient(
            trainer, settings: settings, transport: server, store: store, observer: events, models: nil,
            clock: JumpingClock())
        try await client.run()
        return try await client.personalModel(of: try #require(RunID(rawValue: "run")))
    }

    /// Steps from x along F, pulled towards the model by λ.
    private static func steps(_ count: Int, from x: [Float] = model, lambda: Double = 0) -> [Float] {
        var x = x.map(Double.init)
        for _ in 0..<count {
            x = zip(x, model).map { x, pull in x - 0.25 * (x - 4 + lambda * (x - Double(pull))) }
        }
        return x.map { Float($0) }
    }

    private static func loss(_ x: [Float]) -> Double {
        x.reduce(0) { $0 + (Double($1) - 4) * (Double($1) - 4) / 2 }
    }

    private func isNear(_ values: [Float]?, _ expected: [Float]) -> Bool {
        values.map { $0.count == expected.count && zip($0, expected).allSatisfy { abs($0 - $1) < 1e-4 } } ?? false
    }

    /// What is shared of an update: a step of the model's, whatever the client has for itself.
    private static let shared = zip(steps(1), model).map { $0 - $1 }

    @Test(arguments: [true, false])
    func `a model of its own is what it made with the last update that counted`(inFolder: Bool) async throws {
        try await withFolder { folder in
            let server = FakeServer()
            // What was accepted in rounds 2 and 3 came to nothing.
            for (round, counted) in [(1, 0), (2, 1), (3, 1), (4, 1), (5, 4)] {
                offer("\(round)/train", "ditto:lambda=0.5", "own-1", counted: counted, server)
            }
            let memory = MemoryStore(registrationKey: Array(1...32))
            var rounds: [Int] = []
            // After so many more tasks its model has so many steps behind it.
            for (tasks, behind) in [(1, 1), (2, 2), (2, 3)] {
                // A client that is started again goes on from what it kept.
                let store: any ClientStore =
                    inFolder ? try FolderStore(folder, server: "https://fake.test", name: "n") : memory
                let own = try #require(try await play(server, tasks: tasks, store))
                #expect(isNear(own.weights, Self.steps(behind, lambda: 0.5)))
                rounds.append(own.round.rawValue)
                (store as? FolderStore)?.close()
            }
            #expect(rounds == [1, 3, 5] && server.failures.isEmpty)
            for round in 1...5 { #expect(isNear(server.update(of: "run/\(round)/train"), Self.shared)) }
        }
    }

    @Test func `a client that lost its model begins from the global one and says so`() async throws {
        let (server, events) = (FakeServer(), Events())
        offer("9/train", "ditto:lambda=0.5", "own-1", counted: 7, server)
        let own = try await play(server, tasks: 1, events: events)
        #expect(isNear(own?.weights, Self.steps(1, lambda: 0.5)))
        #expect(events.setAside.count == 1 && server.submissions.count == 1)
    }

    @Test(arguments: [("fedper", 1), ("fedrep:head-epochs=3", 3)])
    func `a head of its own never leaves`(part: String, headSteps: Int) async throws {
        let server = FakeServer()
        for (round, counted) in [(1, 0), (2, 1), (3, 1)] {
            offer("\(round)/train", part, "head-1", counted: counted, head: ["head"], server)
        }
        let store = MemoryStore(registrationKey: Array(1...32))
        for (tasks, behind) in [(1, 1), (2, 2)] {
            let own = try await play(server, tasks: tasks, store)
            // The layers below as it has trained them, and its head, which goes on.
            #expect(isNear(own?.weights, Self.steps(1).dropLast() + [Self.steps(behind * headSteps)[2]]))
        }
        for round in 1...3 {
            let update = try #require(server.update(of: "run/\(round)/train"))
            #expect(update[2] == 0 && isNear(update, Self.shared.dropLast() + [0]))
        }
    }

    @Test func `a difference from a trainer loses its head, too`() async throws {
        let server = FakeServer()
        offer("1/train", "fedper", "head-1", counted: 0, head: ["head"], server)
        let own = try await play(server, tasks: 1, trainer: NotingTrainer())
        #expect(server.update(of: "run/1/train") == [1, -2, 0])
        #expect(own?.weights == [1, 0, 12])
    }

    @Test func `a mixture goes on from both its parts`() async throws {
        let server = FakeServer()
        offer("1/train", "apfl:alpha=0.5,adaptive=false", "mixture-1", counted: 0, server)
        offer("2/train", "apfl:alpha=0.5,adaptive=false", "mixture-1", counted: 1, server)
        offer("2/evaluate", "apfl:alpha=0.5,adaptive=false", "mixture-1", counted: 2, server)
        let own = try await play(server, tasks: 3)
        // v ← v − η α F'(v̄), twice, beside the w that came.
        var v = Self.model.map(Double.init)
        let w = v
        func mixture(_ v: [Double]) -> [Double] { v.indices.map { (v[$0] + w[$0]) / 2 } }
        for _ in 0..<2 {
            let mixed = mixture(v)
            for index in v.indices { v[index] -= 0.125 * (mixed[index] - 4) }
        }
        let mixed = mixture(v).map { Float($0) }
        #expect(isNear(own?.weights, mixed))
        let score = try #require(server.submissions["run/2/evaluate"]?.evaluation)
        #expect(abs(score.ownLossSum - Self.loss(mixed)) < 1e-3 && abs(score.lossSum - Self.loss(Self.model)) < 1e-3)
        #expect(isNear(server.update(of: "run/2/train"), Self.shared))
    }

    @Test(arguments: [("ditto:lambda=0.5", "own-1"), ("fedper", "head-1"), ("fine-tuning:epochs=2", "tuning-1")])
    func `its own model is scored beside the global one`(part: String, form: String) async throws {
        let server = FakeServer()
        let head = form == "head-1" ? ["head"] : []
        // Before it has taken part its model is the global one.
        offer("1/evaluate", part, form, counted: 0, head: head, server)
        offer("2/train", part, form, counted: 0, head: head, server)
        offer("2/evaluate", part, form, counted: form == "tuning-1" ? 0 : 2, head: head, server)
        let own = try await play(server, tasks: 3)
        let scores = try ["1", "2"].map { try #require(server.submissions["run/\($0)/evaluate"]?.evaluation) }
        let global = Self.loss(Self.model)
        let expected: [Float]
        switch form {
        case "own-1": expected = Self.steps(1, lambda: 0.5)
        case "head-1": expected = Self.model.dropLast() + [Self.steps(1)[2]]
        default: expected = Self.steps(2)
        }
        #expect(isNear(own?.weights, expected) && own?.round == RoundNumber(2))
        #expect(scores.allSatisfy { $0.hasOwnLossSum && $0.exampleCount == 1 })
        #expect(abs(scores[1].ownLossSum - Self.loss(expected)) < 1e-3)
        // A model is scored under the client's own head, where there are such.
        #expect(abs(scores[1].lossSum - (form == "head-1" ? Self.loss(expected) : global)) < 1e-3)
        #expect(abs(scores[0].lossSum - global) < 1e-3)
        #expect(abs(scores[0].ownLossSum - (form == "tuning-1" ? Self.loss(expected) : global)) < 1e-3)
        #expect(server.failures.isEmpty)
    }

    @Test func `an app that wants no model of its own has none, and the client goes on all the same`() async throws {
        let server = FakeServer()
        offer("1/train", "ditto:lambda=0.5", "own-1", counted: 0, server)
        offer("2/train", "ditto:lambda=0.5", "own-1", counted: 1, server)
        let store = MemoryStore(registrationKey: Array(1...32))
        #expect(try await play(server, tasks: 2, store, keepsModels: false) == nil)
        let run = try #require(RunID(rawValue: "run"))
        #expect(isNear(store.memory(of: run, since: RoundNumber(2)), Self.steps(2, lambda: 0.5)))
    }

    @Test func `what a client does not know it gives back, and sends nothing of it`() async throws {
        let server = FakeServer()
        offer("1/train", "hypernetwork", "head-1", counted: 0, server)
        offer("2/train", "ditto", "own-2", counted: 0, server)
        offer("3/train", "fedper", "head-1", counted: 0, head: ["x"], server)
        offer("4/train", "fedper:head=nose", "head-1", counted: 0, head: ["head"], server)
        // By a method more may be sent than is shared.
        offer("5/train", "fedper", "head-1", counted: 0, head: ["head"], server) {
            ($0.method.name, $0.method.form, $0.method.messageBounds) = ("scaffold", "scaffold-1", [100])
        }
        server.offer("run/6/train", model: Self.model)
        _ = try await play(server, tasks: 1)
        #expect(Set(server.submissions.keys) == ["run/6/train"])
        #expect(server.failures.map(\.taskID) == (1...5).map { "run/\($0)/train" })
        #expect(server.state.withLock { $0.blobs.count } == 1)
    }

    @Test(arguments: [("ditto", "own-1"), ("fedrep", "head-1"), ("apfl", "mixture-1")])
    func `a trainer that can no more than train gives the task back`(part: String, form: String) async throws {
        let server = FakeServer()
        offer("1/train", part, form, counted: 0, head: form == "head-1" ? ["head"] : [], server)
        server.offer("run/2/train", model: Self.model)
        try await Bench().run(server)
        #expect(Set(server.submissions.keys) == ["run/2/train"] && server.failures.map(\.taskID) == ["run/1/train"])
    }

    @Test func `without a place for what it has for itself a client sends no update`() async throws {
        let (server, events) = (FakeServer(), Events())
        offer("1/train", "ditto", "own-1", counted: 0, server)
        server.offer("run/2/train", model: Self.model)
        #expect(try await play(server, tasks: 1, FailingStore(), events: events) == nil)
        #expect(Set(server.submissions.keys) == ["run/2/train"] && server.failures.map(\.taskID) == ["run/1/train"])
        #expect(events.notKept.count == 1)
    }
}

/// One client's quadratic loss.
private struct Quadratic: LocalTrainer {
    private let shard = QuadraticTrainer(clients: [.init(curvature: 1, centre: 4, exampleCount: 20)], dimension: 3)

    private func order(_ task: TaskDescription) throws -> TrainingTask {
        let solver = try #require(task.solver)
        return TrainingTask(round: task.id.round, client: ClientID(0), solver: solver, seed: Seed(task.seed))
    }

    private func train(_ order: TrainingTask, _ weights: [Float]) -> LocalUpdate {
        var workspace: Void = ()
        var weights = weights
        let outcome = shard.train(order, weights: &weights, workspace: &workspace)
        return LocalUpdate(weights: weights, exampleCount: outcome.exampleCount, meanLoss: outcome.meanLoss)
    }

    func train(_ task: TaskDescription, from weights: [Float], progress: TaskProgress) async throws -> LocalUpdate {
        train(try order(task), weights)
    }

    func train(
        _ task: TaskDescription, from weights: [Float], correctedBy correction: [Float], progress: TaskProgress
    ) async throws -> LocalUpdate {
        var order = try order(task)
        order.offset = correction
        return train(order, weights)
    }

    func train(
        _ task: TaskDescription, from weights: [Float], holding frozen: [Range<Int>], progress: TaskProgress
    ) async throws -> LocalUpdate {
        var order = try order(task)
        order.frozen = frozen
        return train(order, weights)
    }

    func train(
        _ task: TaskDescription, from weights: [Float], mixing mixture: ModelMixture, progress: TaskProgress
    ) async throws -> (update: LocalUpdate, mixture: ModelMixture) {
        var workspace: Void = ()
        var (weights, mixture) = (weights, mixture)
        let outcome = shard.train(try order(task), weights: &weights, mixture: &mixture, workspace: &workspace)
        return (LocalUpdate(weights: weights, exampleCount: outcome.exampleCount), mixture)
    }

    func evaluate(
        _ task: TaskDescription, weights: [Float], progress: TaskProgress
    ) async throws -> LocalEvaluation {
        var workspace: Void = ()
        return LocalEvaluation(shard.evaluate(client: ClientID(0), weights: weights, workspace: &workspace))
    }
}
