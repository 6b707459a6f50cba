import Testing
import TributaryCore
import TributaryMath
import TributarySimulation
import TributaryTesting

/// APFL: a client's model is a mixture of its own and the shared one.
@Suite struct MixtureTests {
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

    /// Two rounds of one step each of a client with F = (y − 3)², at rate 0.1 and η_α = 0.2.
    @Test func byHand() async throws {
        let trainer = QuadraticTrainer(clients: [.init(curvature: 2, centre: 3)])
        let first = try await run(plan("apfl:alpha=0.5,alpha-rate=2", rounds: 1), trainer)
        // From 0: w = 0 + 0.1 · 6 = 0.6; v = 0 + 0.1 · ½ · 6 = 0.3; v − w was 0, so α rests.
        #expect(first.weights.values == [0.6] && first.method.clients.values[ClientID(0)] == [0.3, 0.5])
        let second = try await run(plan("apfl:alpha=0.5,alpha-rate=2", rounds: 2), trainer)
        // v̄ = 0.45, ∇ = 2 (0.45 − 3) = −5.1: v = 0.3 + 0.1 · ½ · 5.1 = 0.555; α = ½ − 0.2 · (−5.1) (0.3 − 0.6) = 0.194.
        let kept = try #require(second.method.clients.values[ClientID(0)])
        #expect(abs(kept[0] - 0.555) < 1e-6 && abs(kept[1] - 0.194) < 1e-6)
    }

    /// v and α of every client beside FedAvg, worked out in double precision.
    @Test(arguments: [(0.4, 0.0), (0.4, 0.5), (0.9, 0.2), (0.2, 10)], [1, 3])
    func followsAnIndependentComputation(start: (alpha: Double, rate: Double), epochs: Int) async throws {
        let trainer = QuadraticTrainer.random(seed: Seed(5), clients: 4, dimension: 2)
        let total = Double(trainer.clients.reduce(0) { $0 + $1.exampleCount })
        let rounds = 6
        var (x, own) = (0.0, [Double](repeating: 0, count: 4))
        var share = [Double](repeating: start.alpha, count: 4)
        for round in 0..<rounds {
            var next = 0.0
            for (k, client) in trainer.clients.enumerated() {
                var w = x
                if round == 0 { own[k] = x }
                for step in 0..<epochs {
                    let gradient = client.curvature * (share[k] * own[k] + (1 - share[k]) * w - client.centre)
                    // Both coordinates are alike.
                    let slope = 2 * gradient * (own[k] - w)
                    own[k] -= 0.1 * share[k] * gradient
                    if step == 0 { share[k] = min(max(share[k] - 0.1 * start.rate * slope, 0), 1) }
                    w -= 0.1 * client.curvature * (w - client.centre)
                }
                next += Double(client.exampleCount) / total * w
            }
            x = next
        }
        let adapts = start.rate > 0 ? "adaptive=true,alpha-rate=\(start.rate)" : "adaptive=false"
        var plan = try plan("apfl:alpha=\(start.alpha),\(adapts)", rounds: rounds)
        plan.local.epochs = epochs
        let state = try await run(plan, trainer)
        for k in 0..<4 {
            let kept = try #require(state.method.clients.values[ClientID(index: k)])
            #expect(kept.count == 3 && abs(Double(kept[0]) - own[k]) < 1e-4 && abs(Double(kept[1]) - own[k]) < 1e-4)
            #expect(abs(Double(kept[2]) - share[k]) < 1e-3 && (0...1).contains(kept[2]))
        }
        #expect(abs(Double(state.weights.values[0]) - x) < 1e-4)
        if start.rate > 0 { #expect(share.contains { abs($0 - start.alpha) > 1e-3 }) }
    }

    /// The shared model is FedAvg's, whatever else a client trains and however updates travel.
    @Test(arguments: ["apfl:alpha=0,adaptive=false", "apfl:alpha=1,adaptive=false", "apfl", "apfl:alpha=0.7,rate=2"])
    func theGlobalModelIsThatOfFedAvg(part: String) async throws {
        let trainer = QuadraticTrainer.random(seed: Seed(3), clients: 7, dimension: 10)
        for method in ["plain", "prox:mu=0.5"] {
            var plan = try plan(part, rounds: 8)
            try plan.set("strategy.method", to: method)
            plan.strategy.encoding = try UpdateEncoding("topk:0.3")
            (plan.faults.duringTraining, plan.local.epochs) = (0.2, 2)
            let mixed = try await run(plan, trainer)
            plan.strategy.personalisation = nil
            let plain = try await run(plan, trainer)
            #expect(mixed.weights == plain.weights)
            for (client, residual) in plain.method.clients.values {
                #expect(mixed.method.clients.values[client].map { Array($0.suffix(10)) } == residual)
            }
        }
    }

    /// With α = 1 the own part is what each client gets alone, to the bit.
    @Test func aShareOfOneIsLocalTraining() async throws {
        let trainer = QuadraticTrainer.random(seed: Seed(3), clients: 7, dimension: 3)
        var plan = try plan("apfl:alpha=1,adaptive=false", rounds: 9)
        (plan.local.epochs, plan.local.learningRate) = (2, 0.05)
        let state = try await run(plan, trainer)
        for index in 0..<7 {
            var alone = [Float](repeating: 0, count: 3)
            var workspace: Void = ()
            var solver = LocalSolver()
            (solver.work, solver.learningRate) = (.epochs(18), 0.05)
            let task = TrainingTask(
                round: RoundNumber(1), client: ClientID(index: index), solver: solver, seed: Seed(1))
            _ = trainer.train(task, weights: &alone, workspace: &workspace)
            #expect(state.method.clients.values[ClientID(index: index)] == alone + [1])
        }
    }
}
