import Testing
import TributaryCore
import TributaryMath
import TributarySimulation
import TributaryTesting

/// What federations with a method compute, against worked examples.
@Suite struct MethodOracleTests {
    @Test(arguments: [1, 2])
    func scaffoldReachesTheOptimumWhereFedAvgDoesNot(option: Int) async throws {
        var plan = Plan.by(.scaffold, rounds: 400)
        plan.strategy.method = PartText(name: "scaffold", settings: [.init(name: "option", value: "\(option)")])
        let state = try await run(plan)
        #expect(abs(state.weights.values[0] + 0.25) < 1e-5)
        #expect(abs(state.method.vectors.values[0]) < 1e-4)
        for (client, control) in [(0, Float(-2.25)), (1, 2.25)] {
            #expect(abs(try #require(state.memory(client)) - control) < 1e-4)
        }
        plan.algorithm = .fedAvg
        plan.strategy.method = nil
        #expect(abs(try await run(plan).weights.values[0] + 0.185714) < 1e-5)
    }

    @Test func scaffoldsFirstRounds() async throws {
        for (rounds, x, c, c1, c2) in [
            (1, -0.065, 0.325, -1.9, 2.55), (2, -0.1295, 0.3225, -2.073, 2.718),
            (3, -0.173130, 0.21815, -2.1428, 2.5791),
        ] {
            let state = try await run(.by(.scaffold, rounds: rounds))
            #expect(abs(Double(state.weights.values[0]) - x) < 1e-5)
            #expect(abs(Double(state.method.vectors.values[0]) - c) < 1e-5)
            #expect(abs(Double(try #require(state.memory(0))) - c1) < 1e-4)
            #expect(abs(Double(try #require(state.memory(1))) - c2) < 1e-4)
        }
    }

    @Test func optionOneKeepsTheGradientAtTheModelThatWasGiven() async throws {
        var plan = Plan.by(.scaffold, rounds: 1)
        plan.strategy.method = PartText(name: "scaffold", settings: [.init(name: "option", value: "1")])
        let state = try await run(plan)
        // ∇F_1(0) = −2 and ∇F_2(0) = 3.
        #expect(state.memory(0) == -2 && state.memory(1) == 3 && state.method.vectors.values == [0.5])
    }

    @Test func dynamicRegularisationFollowsItsTable() async throws {
        for (rounds, x, h, g1, g2) in [
            (1, 0.4761904762, -0.1190476190, -0.6666666667, 0.4285714286),
            (2, 0.1428571429, 0.0238095238, -0.9523809524, 1.0),
            (3, 0.0045351474, 0.0464852608, -1.2539682540, 1.3469387755), (200, -0.25, 0, -2.25, 2.25),
        ] {
            var plan = Plan.by(.fedDyn, rounds: rounds)
            plan.strategy.method = PartText(name: "dyn", settings: [.init(name: "alpha", value: "0.5")])
            // Enough steps for an exact local solution.
            plan.local.steps = 300
            let state = try await run(plan)
            #expect(abs(Double(state.weights.values[0]) - x) < 1e-5)
            #expect(abs(Double(state.method.vectors.values[0]) - h) < 1e-5)
            #expect(abs(Double(try #require(state.memory(0))) - g1) < 1e-5)
            #expect(abs(Double(try #require(state.memory(1))) - g2) < 1e-5)
        }
    }

    @Test func proximalStepsAreThoseOfTheWorkedExample() async throws {
        // a = 2, b = 3 from x = 1, where training from 0 and b = 2 is the same one to the left.
        let trainer = QuadraticTrainer(clients: [.init(curvature: 2, centre: 2)])
        for (steps, x) in [(1, 0.4), (2, 0.7), (3, 0.925), (400, 1.6)] {
            var plan = Plan.everybody(rounds: 1)
            plan.algorithm = .fedProx
            plan.strategy.method = PartText(name: "prox", settings: [.init(name: "mu", value: "0.5")])
            plan.local.steps = steps
            #expect(abs(Double(try await run(plan, trainer).weights.values[0]) - x) < 1e-6)
        }
    }

    @Test(arguments: [(0.01, 4.8880, 9.0532), (0.001, 4.9888, 9.0872)])
    func normalisedAveragesKeepTheObjective(rate: Double, nova: Double, fedAvg: Double) async throws {
        let trainer = UnevenTrainer(
            quadratic: QuadraticTrainer(clients: [
                .init(curvature: 1, centre: 0), .init(curvature: 1, centre: 10),
            ]))
        for (algorithm, expected) in [(Plan.Algorithm.fedNova, nova), (.fedAvg, fedAvg)] {
            var plan = Plan.everybody(rounds: rate < 0.005 ? 6000 : 600)
            plan.algorithm = algorithm
            plan.local.learningRate = rate
            plan.evaluation.every = 0
            var federation = try Federation(plan: plan, trainer: trainer, workers: 1)
            while await federation.next() != nil {}
            #expect(abs(Double(federation.state.weights.values[0]) - expected) < 2e-3)
        }
    }

    @Test func agnosticLearningEvensOutTheLosses() async throws {
        // The worst client's loss is smallest where both are the same: ½(x − 2)² = ¾·2 (x + 1)², at x ≈ 0.098.
        var plan = Plan.everybody(rounds: 3000)
        plan.algorithm = .agnostic
        plan.strategy.method = PartText(name: "afl", settings: [.init(name: "rate", value: "0.01")])
        let state = try await run(plan)
        let x = Double(state.weights.values[0])
        #expect(abs((x - 2) * (x - 2) / 2 - 1.5 * (x + 1) * (x + 1)) < 0.02)
        #expect(abs(state.method.figures.reduce(0, +) - 1) < 1e-9)
    }

    @Test func fairnessNarrowsTheGapBetweenClients() async throws {
        var gaps: [Double] = []
        for q in ["0", "1", "5"] {
            var plan = Plan.by(.qFedAvg, rounds: 600)
            // What goes up is F^q Δ, and F is 2 at first.
            plan.server.updateBound = 100
            plan.strategy.method = PartText(name: "qfedavg", settings: [.init(name: "q", value: q)])
            let x = Double(try await run(plan).weights.values[0])
            gaps.append(abs((x - 2) * (x - 2) / 2 - 1.5 * (x + 1) * (x + 1)))
        }
        #expect(gaps[0] > gaps[1] && gaps[1] > gaps[2])
    }

    @Test func aTrainerThatLeavesGradientsAloneIsRefused() {
        for algorithm in [Plan.Algorithm.fedProx, .scaffold, .fedDyn] {
            #expect(throws: PlanError.self) {
                try Federation(plan: .by(algorithm, rounds: 1), trainer: Stubborn(), workers: 1)
            }
        }
        #expect(throws: Never.self) { try Federation(plan: .by(.fedNova, rounds: 1), trainer: Stubborn(), workers: 1) }
    }

    private func run(_ plan: Plan, _ trainer: QuadraticTrainer = .drift) async throws -> ServerState {
        var federation = try Federation(plan: plan, trainer: trainer, workers: 2)
        while await federation.next() != nil {}
        return federation.state
    }
}

extension Plan {
    /// An algorithm with everybody and two full-batch steps a round.
    static func by(_ algorithm: Algorithm, rounds: Int) -> Plan {
        var plan = Plan.everybody(rounds: rounds)
        plan.algorithm = algorithm
        plan.local.steps = 2
        return plan
    }
}

extension ServerState {
    /// The first coordinate of what a client remembers.
    func memory(_ client: Int) -> Float? { method.clients.values[ClientID(index: client)]?.first }
}

/// The second client takes ten times as many steps as the first.
private struct UnevenTrainer: Trainer {
    let quadratic: QuadraticTrainer
    var layout: TensorLayout { quadratic.layout }
    var clientCount: Int { 2 }
    var testChunkCount: Int { 0 }

    func initialWeights(seed: Seed) -> Weights { Weights(layout: layout, values: [5]) }
    func makeWorkspace() {}
    func exampleCount(of client: ClientID) -> Int { 1 }

    func train(_ task: TrainingTask, weights: inout [Float], workspace: inout Void) -> TrainingOutcome {
        var task = task
        task.solver.work = .steps(task.client.index == 0 ? 1 : 10)
        return quadratic.train(task, weights: &weights, workspace: &workspace)
    }

    func evaluateTest(chunk: Int, weights: borrowing [Float], workspace: inout Void) -> Evaluation { .empty }
    func evaluate(client: ClientID, weights: borrowing [Float], workspace: inout Void) -> Evaluation { .empty }
}

/// Says nothing of correcting gradients.
private struct Stubborn: Trainer {
    let layout = TensorLayout([(name: "x", shape: [1])])
    let clientCount = 2
    let testChunkCount = 0

    func initialWeights(seed: Seed) -> Weights { Weights(zeros: layout) }
    func makeWorkspace() {}
    func exampleCount(of client: ClientID) -> Int { 1 }
    func train(_ task: TrainingTask, weights: inout [Float], workspace: inout Void) -> TrainingOutcome {
        TrainingOutcome(exampleCount: 1, stepCount: 1, meanLoss: 0)
    }
    func evaluateTest(chunk: Int, weights: borrowing [Float], workspace: inout Void) -> Evaluation { .empty }
    func evaluate(client: ClientID, weights: borrowing [Float], workspace: inout Void) -> Evaluation { .empty }
}
