import Synchronization
import Testing
import TributaryClient
import TributaryCore
import TributaryMath
import TributaryServer
import TributaryTesting
import TributaryWire

/// Runs whose clients have models of their own, on the real server with the real client over a real connection: the models are
/// those that the formulas of the papers give, worked out here once more in double precision.
@Suite struct OwnModelRunTests {
    private static let rounds = 4
    private static let clients = [
        QuadraticTrainer.Client(curvature: 2, centre: 3, exampleCount: 1),
        .init(curvature: 1, centre: -1, exampleCount: 3),
    ]

    /// What came of a run.
    private struct Outcome {
        /// By round, the mean losses of the global and of clients' own models.
        var reports: [WireRoundReport] = []
        /// By client, the model that its app has in the end.
        var models: [PersonalModel?] = []
    }

    /// The losses F_k(x) = Σ (a_k/2) (x_i − b_k)² of two parameters, the second of which may be a head, and what becomes of them.
    private struct Reference {
        var global = [0.0, 0.0]
        var own: [[Double]?] = [nil, nil]
        /// By round, the mean losses over clients, each of which scores one example.
        var globalLosses: [Double] = []
        var ownLosses: [Double] = []
        /// By client, its model as of the last round.
        var models: [[Double]] = [[], []]

        private static let rate = 0.1

        private static func step(_ x: Double, _ client: QuadraticTrainer.Client, along point: Double? = nil) -> Double {
            x - rate * client.curvature * ((point ?? x) - client.centre)
        }

        private static func loss(_ x: [Double], _ client: QuadraticTrainer.Client) -> Double {
            x.reduce(0) { $0 + client.curvature / 2 * ($1 - client.centre) * ($1 - client.centre) }
        }

        /// A round in which all take part, and score what they have then.
        mutating func play(_ part: String, _ clients: [QuadraticTrainer.Client]) {
            let head = part.hasPrefix("fed") ? 1 : 2
            let weights = clients.map { Double($0.exampleCount) }
            var sums = [0.0, 0.0]
            for (index, client) in clients.enumerated() {
                let own = self.own[index] ?? global
                for place in 0..<head { sums[place] += weights[index] * Self.step(global[place], client) }
                self.own[index] = Self.trained(own, beside: global, part, client)
            }
            for place in 0..<head { global[place] = sums[place] / weights.reduce(0, +) }
            score(part, clients)
        }

        /// What a client has for itself after a round in which it was given `global`.
        private static func trained(
            _ own: [Double], beside global: [Double], _ part: String, _ client: QuadraticTrainer.Client
        ) -> [Double] {
            var own = own
            switch part {
            case "ditto:lambda=0.5,epochs=2":
                for _ in 0..<2 {
                    for place in 0..<2 {
                        own[place] = step(own[place], client) - rate * 0.5 * (own[place] - global[place])
                    }
                }
            case "fedper": own[1] = step(own[1], client)
            case "fedrep:head-epochs=3": for _ in 0..<3 { own[1] = step(own[1], client) }
            case "apfl:alpha=0.25,adaptive=false":
                for place in 0..<2 {
                    let mixed = 0.25 * own[place] + 0.75 * global[place]
                    own[place] -= rate * 0.25 * client.curvature * (mixed - client.centre)
                }
            default: break
            }
            return own
        }

        private mutating func score(_ part: String, _ clients: [QuadraticTrainer.Client]) {
            var (shared, personal) = (0.0, 0.0)
            for (index, client) in clients.enumerated() {
                let own = own[index] ?? global
                switch part {
                case "fedper", "fedrep:head-epochs=3": models[index] = [global[0], own[1]]
                case "apfl:alpha=0.25,adaptive=false":
                    models[index] = zip(own, global).map { 0.25 * $0 + 0.75 * $1 }
                case "fine-tuning:epochs=2":
                    models[index] = global.map { Self.step(Self.step($0, client), client) }
                default: models[index] = own
                }
                // Under heads of their own, clients score the global model with these.
                shared += Self.loss(part.hasPrefix("fed") ? models[index] : global, client) / Double(clients.count)
                personal += Self.loss(models[index], client) / Double(clients.count)
            }
            globalLosses.append(shared)
            ownLosses.append(personal)
        }
    }

    private func play(_ part: String) async throws -> Outcome {
        let outcome = Mutex(Outcome(models: [nil, nil]))
        try await withWireServer { server in
            var request = WireCreateRunRequest()
            request.run = "own"
            request.plan = [
                "rounds": "\(Self.rounds)", "cohort.selection": "all", "cohort.quorum": "2", "live.min-clients": "2",
                "local.learning-rate": "0.1", "local.epochs": "1", "strategy.personalisation": part,
                "evaluation.federated-every": "1",
            ]
            request.layout = ["x", "head"].map { name in
                var tensor = WireTensor()
                (tensor.name, tensor.shape) = (name, [1])
                return tensor
            }
            _ = try await server.call(.createRun, request, credential: WireServer.operatorToken)
            let models = try await withThrowingTaskGroup(of: (index: Int, model: PersonalModel?).self) { group in
                for index in Self.clients.indices {
                    group.addTask { (index, try await Self.takePart(index, server)) }
                }
                return try await group.reduce(into: [nil, nil]) { $0[$1.index] = $1.model }
            }
            var report = WireGetRunRequest()
            (report.run, report.withRounds) = ("own", true)
            let rounds = try await server.call(.getRun, report, credential: WireServer.operatorToken).rounds
            outcome.withLock { $0 = Outcome(reports: rounds, models: models) }
        }
        return outcome.withLock { $0 }
    }

    /// A client takes part until the run is over; the model that its app has then.
    private static func takePart(_ index: Int, _ server: WireServer) async throws -> PersonalModel? {
        let settings = ClientSettings(
            server: "http://127.0.0.1:\(server.port)", description: ClientDescription(name: "client-\(index)"),
            joinToken: WireServer.joinToken)
        return try await FederatedClient.withClient(QuadraticClient(index: index, all: clients), settings: settings) {
            client in
            try await withThrowingTaskGroup { group in
                group.addTask { try await client.run() }
                group.addTask {
                    var watch = WireWatchRunRequest()
                    (watch.run, watch.waitMs) = ("own", 30_000)
                    var run = WireRun()
                    while run.state != .completed {
                        run = try await server.call(.watchRun, watch, credential: WireServer.operatorToken).run
                        watch.knownRevision = run.revision
                    }
                    client.stop()
                }
                try await group.waitForAll()
            }
            return try await client.personalModel(of: try #require(RunID(rawValue: "own")))
        }
    }

    @Test(arguments: [
        "ditto:lambda=0.5,epochs=2", "fedper", "fedrep:head-epochs=3", "apfl:alpha=0.25,adaptive=false",
        "fine-tuning:epochs=2",
    ])
    func modelsAreThoseOfTheFormulas(part: String) async throws {
        var reference = Reference()
        for _ in 0..<Self.rounds { reference.play(part, Self.clients) }
        let outcome = try await play(part)
        #expect(outcome.reports.count == Self.rounds && outcome.reports.allSatisfy(\.isCommitted))
        for (place, report) in outcome.reports.enumerated() {
            #expect(report.hasFederatedLoss && abs(report.federatedLoss - reference.globalLosses[place]) < 1e-4)
            #expect(report.hasPersonalLoss && abs(report.personalLoss - reference.ownLosses[place]) < 1e-4)
        }
        for (index, model) in outcome.models.enumerated() {
            let own = try #require(model)
            #expect(own.round == RoundNumber(Self.rounds))
            #expect(zip(own.weights, reference.models[index]).allSatisfy { abs(Double($0) - $1) < 1e-4 })
        }
    }
}

/// One of several clients with quadratic losses.
private struct QuadraticClient: LocalTrainer {
    private let index: Int
    private let all: QuadraticTrainer

    init(index: Int, all clients: [QuadraticTrainer.Client]) {
        self.index = index
        all = QuadraticTrainer(clients: clients, dimension: 2, headLength: 1)
    }

    private func order(_ task: TaskDescription) throws -> TrainingTask {
        let solver = try #require(task.solver)
        return TrainingTask(
            round: task.id.round, client: ClientID(index: index), solver: solver, seed: Seed(task.seed))
    }

    private func train(_ order: TrainingTask, _ weights: [Float]) -> LocalUpdate {
        var workspace: Void = ()
        var weights = weights
        let outcome = all.train(order, weights: &weights, workspace: &workspace)
        return LocalUpdate(
            weights: weights, exampleCount: outcome.exampleCount, stepCount: outcome.stepCount,
            meanLoss: outcome.meanLoss)
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
        let outcome = all.train(try order(task), weights: &weights, mixture: &mixture, workspace: &workspace)
        return (LocalUpdate(weights: weights, exampleCount: outcome.exampleCount), mixture)
    }

    func evaluate(
        _ task: TaskDescription, weights: [Float], progress: TaskProgress
    ) async throws -> LocalEvaluation {
        var workspace: Void = ()
        return LocalEvaluation(
            all.evaluate(client: ClientID(index: index), weights: weights, workspace: &workspace))
    }
}
