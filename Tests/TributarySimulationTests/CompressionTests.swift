import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributarySimulation
import TributaryTesting

/// Updates that are compressed on their way, and what clients remember of it.
@Suite struct CompressionTests {
    private func plan(_ encoding: String, rounds: Int) throws -> Plan {
        var plan = Plan.everybody(rounds: rounds)
        try plan.set("strategy.encoding", to: encoding)
        return plan
    }

    /// What error feedback is for: model and residual together move by exactly what clients wanted (the perturbed iterate
    /// of Stich, Cordonnier, Jaggi 2018).
    @Test(arguments: ["topk:0.1", "drive:contractive", "eden:1:contractive", "randk:0.2:contractive"])
    func nothingIsLost(encoding: String) async throws {
        let trainer = QuadraticTrainer(clients: [.init(curvature: 1, centre: 1)], dimension: 20)
        var federation = try Federation(plan: plan(encoding, rounds: 60), trainer: trainer, workers: 1)
        var (model, residual) = (federation.state.weights.values, [Float](repeating: 0, count: 20))
        while let round = await federation.next() {
            let after = federation.state.weights.values
            let left = try #require(federation.state.method.clients.values[ClientID(0)])
            for index in model.indices {
                let wanted = -0.1 * (Double(model[index]) - 1)
                let moved = Double(after[index]) - Double(model[index])
                let kept = Double(left[index]) - Double(residual[index])
                #expect(abs(moved + kept - wanted) < 1e-6)
            }
            #expect(round.encodingError != nil)
            (model, residual) = (after, left)
        }
        // A tenth of the coordinates in a round, and the optimum all the same.
        for value in model { #expect(abs(value - 1) < 0.3) }
    }

    @Test func roundsThatAreAbandonedLeaveNoTrace() async throws {
        var plan = try plan("topk:0.1", rounds: 40)
        plan.cohort.quorum = .share(1)
        plan.faults.duringTraining = 0.1
        let trainer = QuadraticTrainer.random(seed: Seed(3), clients: 5, dimension: 30)
        var federation = try Federation(plan: plan, trainer: trainer, workers: 2)
        var (before, abandoned) = (federation.state.method, 0)
        while let round = await federation.next() {
            if round.outcome == .abandoned {
                abandoned += 1
                #expect(federation.state.method == before)
            } else {
                #expect(federation.state.method.clients.values.count == 5)
            }
            before = federation.state.method
        }
        #expect(abandoned > 3 && abandoned < 37)
    }

    @Test(arguments: ["topk:0.2", "qsgd:4", "eden:2", "klevel:16:rotated", "randk:0.1", "f16"])
    func workersAndInterruptionsChangeNothing(encoding: String) async throws {
        var plan = try plan(encoding, rounds: 6)
        (plan.algorithm, plan.faults.duringTraining) = (.scaffold, 0.2)
        let trainer = QuadraticTrainer.random(seed: Seed(5), clients: 9, dimension: 40)
        try await expectSameInPieces(plan, trainer)
    }

    @Test func trafficIsWhatTheMessagesTake() async throws {
        let trainer = QuadraticTrainer.random(seed: Seed(5), clients: 4, dimension: 1000)
        func bytes(_ encoding: String) async throws -> Int {
            var federation = try Federation(plan: plan(encoding, rounds: 1), trainer: trainer, workers: 2)
            return try #require(await federation.next()).traffic.bytesUp
        }
        #expect(try await bytes("f32") == 4 * 4000)
        #expect(try await bytes("f16") == 4 * 2000)
        // Seed, and 1000 signs with a scale for each of the buckets.
        #expect(try await (4 * 125...4 * 150).contains(bytes("drive")))
        // 50 entries of a place and a number, as a list or a bitmap.
        #expect(try await (4 * 200...4 * 330).contains(bytes("topk:0.05")))
    }

    @Test func contradictionsAreRefused() throws {
        var plan = Plan.everybody(rounds: 1)
        plan.strategy.errorFeedback = true
        #expect(throws: PlanError.self) { try ResolvedPlan(plan, populationSize: 3) }
        plan.strategy.encoding = try UpdateEncoding("topk:0.1")
        #expect(try ResolvedPlan(plan, populationSize: 3).strategy.compression?.hasErrorFeedback == true)
        plan.strategy.errorFeedback = nil
        #expect(try ResolvedPlan(plan, populationSize: 3).plan.strategy.errorFeedback == true)
        plan.strategy.encoding = try UpdateEncoding("qsgd:4")
        #expect(try ResolvedPlan(plan, populationSize: 3).plan.strategy.errorFeedback == false)
        #expect(throws: PlanError.self) { try plan.set("strategy.encoding", to: "zip") }
    }
}
