import Testing
import TributaryCore
import TributaryMath
import TributarySimulation
import TributaryTesting

/// What holds for methods in every federation, however much goes wrong in it.
@Suite struct MethodPropertyTests {
    static let algorithms: [Plan.Algorithm] = [.fedProx, .fedNova, .scaffold, .fedDyn, .qFedAvg, .qFedSGD, .agnostic]

    @Test(arguments: TestSeeds.first(8), algorithms)
    func workersAndPausesChangeNoBit(seed: Seed, algorithm: Plan.Algorithm) async throws {
        let plan = Plan.troubled(seed: seed, rounds: 10, by: algorithm)
        let trainer = QuadraticTrainer.random(seed: seed, clients: 40, dimension: 33)
        let reference = try await states(plan, trainer, workers: 1).last
        let parallel = try await states(plan, trainer, workers: 3).last
        let paused = try await states(plan, trainer, workers: 2, pausing: [1, 5, 6]).last
        #expect(parallel == reference && paused == reference)
        #expect(reference?.weights.values.allSatisfy { $0.isFinite } == true)
    }

    @Test(arguments: TestSeeds.first(30))
    func theServersControlIsTheMeanOfTheClients(seed: Seed) async throws {
        for algorithm in [Plan.Algorithm.scaffold, .fedDyn] {
            var plan = Plan.troubled(seed: seed, rounds: 12, by: algorithm)
            plan.faults.straggler = 0.3
            let trainer = QuadraticTrainer.random(seed: seed, clients: 25, dimension: 7)
            for state in try await states(plan, trainer, workers: 2) {
                for index in 0..<7 {
                    let sum = state.method.clients.values.values.reduce(0.0) { $0 + Double($1[index]) }
                    #expect(abs(sum / 25 - Double(state.method.vectors.values[index])) < 2e-6)
                }
            }
        }
    }

    @Test func onlyContributorsOfCommittedRoundsRemember() async throws {
        var outcomes: [RoundSummary.Outcome: Int] = [:]
        for seed in TestSeeds.first(30) {
            var plan = Plan.troubled(seed: seed, rounds: 8, by: .scaffold)
            plan.cohort.deadline = .seconds(300)
            plan.cohort.quorum = .share(0.6)
            let trainer = QuadraticTrainer.random(seed: seed, clients: 60, dimension: 3)
            var federation = try Federation(plan: plan, trainer: trainer, workers: 2)
            var before = federation.state.method
            #expect(before.clients.values.isEmpty, "nobody has taken part")
            while let round = await federation.next() {
                let after = federation.state.method
                let changed = after.clients.values.filter { before.clients.values[$0.key] != $0.value }
                #expect(changed.count == (round.outcome == .committed ? round.participation.reported : 0))
                if round.outcome == .abandoned { #expect(after == before) }
                outcomes[round.outcome, default: 0] += 1
                before = after
            }
        }
        // Otherwise there was nothing to see.
        #expect(outcomes[.committed, default: 0] > 40 && outcomes[.abandoned, default: 0] > 40, "\(outcomes)")
    }

    @Test(arguments: TestSeeds.first(20))
    func aMessageBeyondItsBoundRefusesAllOfTheUpdate(seed: Seed) async throws {
        // One client's control variate would be about −η⁻¹ · 0.1 · 30 in a round; all others stay small.
        var clients = QuadraticTrainer.random(seed: seed, clients: 6, dimension: 2).clients
        clients[3] = QuadraticTrainer.Client(curvature: 1, centre: 30, exampleCount: 1)
        var plan = Plan.by(.scaffold, rounds: 1)
        plan.strategy.method = PartText(name: "scaffold", settings: [.init(name: "bound", value: "12")])
        var federation = try Federation(
            plan: plan, trainer: QuadraticTrainer(clients: clients, dimension: 2), workers: 3)
        let round = try #require(await federation.next())
        #expect(round.participation.dropped == [.outOfBound: 1])
        let remembered = federation.state.method.clients.values
        #expect(remembered.count == 5 && remembered[ClientID(3)] == nil)
    }

    @Test(arguments: TestSeeds.first(10))
    func atTheirNeutralSettingsMethodsAreFedAvgToTheBit(seed: Seed) async throws {
        for (part, weighting) in [
            ("prox:mu=0", UpdateWeighting.examples), ("prox:mu=0", .uniform), ("nova", .examples),
            ("qfedavg:q=0", .uniform),
        ] {
            var plan = Plan.troubled(seed: seed, rounds: 6)
            plan.server.weighting = weighting
            let trainer = QuadraticTrainer.random(seed: seed, clients: 30, dimension: 11)
            let plain = try await states(plan, trainer, workers: 2).last?.weights
            try plan.set("strategy.method", to: part)
            let other = try await states(plan, trainer, workers: 2).last?.weights
            if part == "nova" {
                // One step each: dividing by 1 and multiplying by a mean of ones.
                #expect(zip(other?.values ?? [], plain?.values ?? []).allSatisfy { abs($0 - $1) <= 1e-6 })
            } else {
                #expect(other == plain)
            }
        }
    }

    @Test func scaffoldWithOneClientIsFedAvg() async throws {
        let trainer = QuadraticTrainer(clients: [.init(curvature: 2, centre: 3)])
        let plain = try await states(.by(.fedAvg, rounds: 9), trainer, workers: 1).last?.weights.values[0] ?? 0
        let scaffold = try await states(.by(.scaffold, rounds: 9), trainer, workers: 1).last?.weights.values[0] ?? 1
        #expect(abs(plain - scaffold) < 1e-5)
    }

    @Test(arguments: [1.0, 0.5])
    func stragglersAreLostOrUsedAsFarAsTheyGot(share: Double) async throws {
        let trainer = QuadraticTrainer(
            clients: [QuadraticTrainer.Client](repeating: .init(curvature: 1, centre: 1), count: 200))
        var plan = Plan.everybody(rounds: 1)
        plan.local.epochs = 20
        plan.faults.straggler = share
        plan.cohort.quorum = .count(1)
        let (lost, dropped) = try await round(plan, trainer)
        #expect(lost.participation.dropped[.late, default: 0] == 200 - lost.participation.reported)
        #expect(share == 1 ? lost.outcome == .abandoned : (70...130).contains(lost.participation.reported))
        plan.algorithm = .fedProx
        plan.strategy.method = PartText(name: "prox", settings: [.init(name: "mu", value: "0")])
        let (all, kept) = try await round(plan, trainer)
        #expect(all.participation.reported == 200)
        // A whole training gets to 1 − 0.9^20; parts of it get less far, but somewhere.
        let whole = 1 - 0.1215766546
        if share < 1 { #expect(abs(Double(dropped) - whole) < 1e-5) }
        #expect(Double(kept) < whole - 0.05 && kept > 0.4)
    }

    @Test func aStateOfAnotherMethodIsRefused() async throws {
        let state = try #require(try await states(.by(.scaffold, rounds: 2), .drift, workers: 1).last)
        for algorithm in [Plan.Algorithm.fedAvg, .fedDyn, .agnostic] {
            var plan = Plan.by(algorithm, rounds: 4)
            plan.local.steps = 2
            #expect(throws: PlanError.self) {
                try Federation(plan: plan, trainer: QuadraticTrainer.drift, workers: 1, resumingFrom: state)
            }
        }
    }

    private func round(_ plan: Plan, _ trainer: QuadraticTrainer) async throws -> (RoundSummary, Float) {
        var federation = try Federation(plan: plan, trainer: trainer, workers: 2)
        let round = try #require(await federation.next())
        return (round, federation.state.weights.values[0])
    }

    private func states(
        _ plan: Plan, _ trainer: QuadraticTrainer, workers: Int, pausing pauses: Set<Int> = []
    ) async throws -> [ServerState] {
        var federation = try Federation(plan: plan, trainer: trainer, workers: workers)
        var states: [ServerState] = []
        while let round = await federation.next() {
            states.append(federation.state)
            guard pauses.contains(round.round.rawValue) else { continue }
            federation = try Federation(plan: plan, trainer: trainer, workers: workers, resumingFrom: federation.state)
        }
        return states
    }
}

extension Plan {
    /// A troubled plan of an algorithm.
    static func troubled(seed: Seed, rounds: Int, by algorithm: Algorithm) -> Plan {
        var plan = Plan.troubled(seed: seed, rounds: rounds)
        plan.algorithm = algorithm
        if algorithm != .qFedSGD {
            plan.local.epochs = 3
            plan.faults.straggler = 0.2
        }
        if algorithm == .agnostic {
            (plan.cohort.selection, plan.cohort.fraction, plan.cohort.overSelection) = (.all, nil, 1)
        }
        return plan
    }
}
