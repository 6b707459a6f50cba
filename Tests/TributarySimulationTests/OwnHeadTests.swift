import Testing
import TributaryCore
import TributaryMath
import TributarySimulation
import TributaryTesting

/// FedPer and FedRep: what stays with a client and what is averaged.
@Suite struct OwnHeadTests {
    private func plan(_ part: String, rounds: Int) throws -> Plan {
        var plan = Plan.everybody(rounds: rounds)
        plan.data.test = 0.2
        try plan.set("strategy.personalisation", to: part)
        return plan
    }

    private func run(_ plan: Plan, _ trainer: some Trainer) async throws -> ServerState {
        var federation = try Federation(plan: plan, trainer: trainer, workers: 2)
        while await federation.next() != nil {}
        return federation.state
    }

    private let headed = QuadraticTrainer(
        clients: QuadraticTrainer.random(seed: Seed(11), clients: 6, dimension: 5).clients, dimension: 5, headLength: 2)

    // MARK: - Two linear regressions that share a scale

    /// One step from b = 1 and h = ½ at rate 0.1, on paper: residuals S (h b − s) are −3.75 and 7.5.
    @Test func fedPerByHand() async throws {
        let state = try await run(plan("fedper", rounds: 1), SlopeTrainer.pair)
        // (1.1875 + 0.625) / 2, and the head that everybody started from.
        #expect(state.weights.values == [0.90625, 0.5])
        #expect(state.method.clients.values == [ClientID(0): [0.875], ClientID(1): [-0.25]])
    }

    /// The head's step first; then the residuals are −2.8125 and 3.75, and the base's step is under the new head.
    @Test func fedRepByHand() async throws {
        let state = try await run(plan("fedrep:head=head,head-epochs=1", rounds: 1), SlopeTrainer.pair)
        #expect(state.weights.values == [(1.24609375 + 1.09375) / 2, 0.5])
        #expect(state.method.clients.values == [ClientID(0): [0.875], ClientID(1): [-0.25]])
    }

    /// The recurrences over more rounds and epochs, in double precision.
    @Test(arguments: [nil, 1, 4], [1, 3])
    func headsFollowTheirRecurrence(headEpochs: Int?, epochs: Int) async throws {
        let trainer = SlopeTrainer.pair
        var plan = try plan(headEpochs.map { "fedrep:head-epochs=\($0)" } ?? "fedper", rounds: 6)
        plan.local.epochs = epochs
        var (base, heads) = (1.0, [0.5, 0.5])
        for _ in 0..<6 {
            var sum = 0.0
            for (index, client) in trainer.clients.enumerated() {
                var (b, h) = (base, heads[index])
                func residual() -> Double { client.meanSquare * (h * b - client.slope) }
                for _ in 0..<(headEpochs ?? 0) { h -= 0.1 * residual() * b }
                for _ in 0..<epochs {
                    let r = residual()
                    (b, h) = (b - 0.1 * r * h, headEpochs == nil ? h - 0.1 * r * b : h)
                }
                sum += b
                heads[index] = h
            }
            base = sum / 2
        }
        let state = try await run(plan, trainer)
        #expect(abs(Double(state.weights.values[0]) - base) < 1e-5 && state.weights.values[1] == 0.5)
        for index in 0..<2 {
            let kept = try #require(state.method.clients.values[ClientID(index: index)])
            #expect(kept.count == 1 && abs(Double(kept[0]) - heads[index]) < 1e-5)
        }
    }

    /// Slopes of opposite signs: no one model does for both, and a shared base under two heads does.
    @Test(arguments: ["fedper", "fedrep:head-epochs=3"])
    func aSharedRepresentationUnderTwoHeadsFitsBoth(part: String) async throws {
        let trainer = SlopeTrainer.pair
        let state = try await run(plan(part, rounds: 200), trainer)
        var plan = try plan(part, rounds: 200)
        plan.strategy.personalisation = nil
        let common = try await run(plan, trainer).weights.values
        for (index, client) in trainer.clients.enumerated() {
            let head = try #require(state.method.clients.values[ClientID(index: index)]?.first)
            #expect(client.loss([state.weights.values[0], head]) < 1e-6)
            #expect(client.loss(common) > 1)
        }
    }

    // MARK: - What leaves a client

    @Test(arguments: [
        ("strategy.optimiser", "sgd"), ("strategy.optimiser", "momentum"), ("strategy.optimiser", "adam"),
        ("strategy.optimiser", "yogi"), ("strategy.optimiser", "adagrad"), ("strategy.method", "prox:mu=0.5"),
    ])
    func headsStayWithTheirClients(field: String, value: String) async throws {
        var plan = try plan("fedper", rounds: 4)
        try plan.set(field, to: value)
        var federation = try Federation(plan: plan, trainer: headed, workers: 2)
        plan.strategy.personalisation = nil
        var plain = try Federation(plan: plan, trainer: headed, workers: 1)
        while let round = await federation.next() {
            _ = await plain.next()
            // Six clients, three of five coordinates, four bytes each.
            #expect(round.traffic.bytesDown == 72 && round.traffic.bytesUp == 72)
            // Coordinates of a quadratic do not feel one another.
            #expect(federation.state.weights.values[..<3] == plain.state.weights.values[..<3])
            #expect(federation.state.weights.values[3...] == [0, 0])
        }
        #expect(plain.state.weights.values[3...].allSatisfy { $0 != 0 })
        for (index, client) in headed.clients.enumerated() where field != "strategy.method" {
            let alone = (0..<4).reduce(0.0) { x, _ in x - 0.1 * client.curvature * (x - client.centre) }
            let kept = try #require(federation.state.method.clients.values[ClientID(index: index)])
            #expect(kept.count == 2 && kept.allSatisfy { abs(Double($0) - alone) < 1e-5 })
        }
    }

    /// Encodings that spread what they err by, rules and attacks: the global model's head never moves.
    @Test(
        arguments: ["fedper", "fedrep:head-epochs=2"],
        [
            ["strategy.encoding": "klevel:16:rotated"], ["strategy.encoding": "topk:0.4"],
            ["strategy.encoding": "eden:2"],
            ["strategy.aggregation": "median"], ["faults.attack": "gaussian", "faults.adversaries": "0.4"],
            ["faults.attack": "little-is-enough", "faults.adversaries": "0.4"], ["faults.garbage": "0.3"],
        ])
    func theHeadOfTheGlobalModelNeverMoves(part: String, fields: [String: String]) async throws {
        for seed in TestSeeds.first(3) {
            var plan = try plan(part, rounds: 4)
            plan.seed = seed.rawValue
            for (field, text) in fields.sorted(by: { $0.key < $1.key }) { try plan.set(field, to: text) }
            let random = QuadraticTrainer.random(seed: seed, clients: 9, dimension: 30)
            let trainer = QuadraticTrainer(clients: random.clients, dimension: 30, headLength: 8)
            let values = try await run(plan, trainer).weights.values
            #expect(values[22...].allSatisfy { $0 == 0 } && values[..<22].contains { $0 != 0 })
        }
    }

    @Test(arguments: ["fedper", "fedrep:head-epochs=2", "apfl"])
    func roundsThatAreAbandonedLeaveNoTrace(part: String) async throws {
        var plan = try plan(part, rounds: 40)
        plan.cohort.quorum = .share(1)
        plan.faults.duringTraining = 0.1
        var federation = try Federation(plan: plan, trainer: headed, workers: 2)
        var (before, abandoned) = (federation.state.method, 0)
        while let round = await federation.next() {
            abandoned += round.outcome == .abandoned ? 1 : 0
            #expect((federation.state.method == before) == (round.outcome == .abandoned))
            before = federation.state.method
        }
        #expect(abandoned > 3 && abandoned < 37)
    }

    /// A head whose training runs away takes the whole update with it.
    @Test func aHeadThatDivergesIsARefusedUpdate() async throws {
        var plan = try plan("fedrep:head-epochs=1000", rounds: 1)
        plan.local.learningRate = 5
        var federation = try Federation(plan: plan, trainer: headed, workers: 2)
        let round = try #require(await federation.next())
        #expect(round.outcome == .abandoned && federation.state.method.clients.values.isEmpty)
    }

    /// What trains before the update is sent takes virtual time.
    @Test func headEpochsTakeTime() async throws {
        func seconds(_ part: String) async throws -> Double {
            var plan = try plan(part, rounds: 1)
            plan.devices.examplesPerSecond = .constant(1)
            var federation = try Federation(plan: plan, trainer: headed, workers: 1)
            return try #require(await federation.next()).timing.virtualSeconds
        }
        let most = Double(headed.clients.map(\.exampleCount).max() ?? 0)
        let short = try await seconds("fedper")
        #expect(abs(try await seconds("fedrep:head-epochs=3") - short - 3 * most) < 0.01)
        #expect(abs(try await seconds("apfl") - short - most) < 0.01)
    }
}

/// Clients whose labels are s x, fitted by h b x: two scalars, b the base and h the head.
struct SlopeTrainer: Trainer {
    struct Client: Sendable {
        /// s.
        var slope: Double
        /// The mean of x² over the client's two examples.
        var meanSquare: Double

        func loss(_ weights: [Float]) -> Double {
            let error = Double(weights[0]) * Double(weights[1]) - slope
            return meanSquare * error * error / 2
        }
    }

    var clients: [Client]
    let layout = TensorLayout([(name: "base", shape: [1]), (name: "head", shape: [1])])

    /// (1, 2), (2, 4) and (1, −1), (3, −3).
    static let pair = SlopeTrainer(clients: [
        Client(slope: 2, meanSquare: 2.5), Client(slope: -1, meanSquare: 5),
    ])

    var clientCount: Int { clients.count }
    var testChunkCount: Int { 0 }
    var freezesCoordinates: Bool { true }

    func initialWeights(seed: Seed) -> Weights { Weights(layout: layout, values: [1, 0.5]) }
    func makeWorkspace() {}
    func exampleCount(of client: ClientID) -> Int { 2 }

    func train(_ task: TrainingTask, weights: inout [Float], workspace: inout Void) -> TrainingOutcome {
        guard case .epochs(let steps) = task.solver.work else { preconditionFailure("epochs are enough here") }
        let client = clients[task.client.index]
        for _ in 0..<steps {
            let (b, h) = (Double(weights[0]), Double(weights[1]))
            let residual = client.meanSquare * (h * b - client.slope)
            for (index, gradient) in [residual * h, residual * b].enumerated()
            where !task.frozen.contains(where: { $0.contains(index) }) {
                weights[index] = Float(Double(weights[index]) - task.solver.learningRate * gradient)
            }
        }
        return TrainingOutcome(exampleCount: 2, stepCount: steps, meanLoss: client.loss(weights))
    }

    func evaluateTest(chunk: Int, weights: borrowing [Float], workspace: inout Void) -> Evaluation { .empty }
    func evaluate(client: ClientID, weights: borrowing [Float], workspace: inout Void) -> Evaluation {
        Evaluation(exampleCount: 1, lossSum: clients[client.index].loss(copy weights), correctCount: nil)
    }
}
