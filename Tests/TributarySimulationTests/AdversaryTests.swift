import Testing
import TributaryCore
import TributaryMath
import TributarySimulation
import TributaryTesting

/// Attacks in simulations, and the rules that stand them.
@Suite struct AdversaryTests {
    /// Twenty clients whose optima lie around 1.
    private static let trainer = QuadraticTrainer(
        clients: (0..<20).map { .init(curvature: 1, centre: 1 + 0.01 * Double($0 - 10)) })

    private func plan(_ attack: String?, _ aggregation: String?, rounds: Int = 80) throws -> Plan {
        var plan = Plan.everybody(rounds: rounds)
        plan.cohort.quorum = .share(1)
        if let attack {
            try plan.set("faults.attack", to: attack)
            plan.faults.adversaries = 0.2
        }
        if let aggregation { try plan.set("strategy.aggregation", to: aggregation) }
        // An update that is refused would be missed by a quorum of everybody.
        plan.server.updateBound = 1e6
        return plan
    }

    private func run(_ plan: Plan, workers: Int = 2) async throws -> [Float] {
        var federation = try Federation(plan: plan, trainer: Self.trainer, workers: workers)
        while await federation.next() != nil {}
        return federation.state.weights.values
    }

    private func distance(_ plan: Plan) async throws -> Double {
        let value = try await run(plan)[0]
        return abs(Double(value) - 1)
    }

    @Test func withoutAdversariesEveryRuleLearns() async throws {
        for listing in Catalogue.standard.aggregationListings where listing.about.name != "bulyan" {
            let distance = try await distance(plan(nil, listing.about.name))
            #expect(distance < 0.2, "\(listing.about.name)")
        }
    }

    @Test(arguments: ["sign-flip:scale=10", "inner-product:scale=10", "gaussian:deviation=30"])
    func aFifthOfAdversariesMovesTheMeanAndNoRobustRule(attack: String) async throws {
        let mean = try await distance(plan(attack, "mean"))
        #expect(mean > 1)
        let rules = [
            "median", "trimmed-mean:adversaries=0.2", "krum:adversaries=0.2", "multi-krum:adversaries=0.2",
            "bulyan:adversaries=0.2", "geometric-median:steps=20,start=origin",
        ]
        for rule in rules {
            let distance = try await distance(plan(attack, rule))
            #expect(distance < 0.3, "\(rule)")
        }
    }

    @Test(arguments: ["little-is-enough", "inner-product", "sign-flip", "gaussian", "scaling:factor=3"])
    func attacksAreTheSameWithAnyNumberOfWorkers(attack: String) async throws {
        for rule in ["mean", "median", "krum"] {
            let plan = try plan(attack, rule, rounds: 5)
            let (one, three) = (try await run(plan, workers: 1), try await run(plan, workers: 3))
            #expect(one == three)
        }
    }

    @Test(arguments: TestSeeds.first(20))
    func soManyClientsAttackAsThePlanSays(seed: Seed) throws {
        var plan = try plan("sign-flip", nil)
        plan.seed = seed.rawValue
        let adversaries = try Adversaries(plan, population: 20, catalogue: .standard).clients
        #expect(adversaries.count == 4 && adversaries.allSatisfy { $0.rawValue < 20 })
    }

    @Test func contradictionsAreRefused() throws {
        func refusal(_ edit: (inout Plan) throws -> Void) throws -> String {
            var plan = Plan.everybody(rounds: 1)
            try edit(&plan)
            let error = #expect(throws: PlanError.self) { try ResolvedPlan(plan, populationSize: 20) }
            return error?.description ?? ""
        }
        #expect(try refusal { $0.faults.adversaries = 0.1 }.contains("faults.attack"))
        #expect(try refusal { try $0.set("faults.attack", to: "gaussian") }.contains("faults.adversaries"))
        #expect(try refusal { try $0.set("strategy.aggregation", to: "krumm") }.contains("krum"))
        let few = try refusal {
            try $0.set("strategy.aggregation", to: "krum:adversaries=3")
            $0.cohort.quorum = .count(5)
        }
        #expect(few.contains("5 contributions") && few.contains("cohort.quorum"))
        let both = try refusal {
            try $0.set("strategy.aggregation", to: "median")
            $0.algorithm = .scaffold
        }
        #expect(both.contains("strategy.method") && both.contains("strategy.aggregation"))
    }
}
