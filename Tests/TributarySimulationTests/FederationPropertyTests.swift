import Testing
import TributaryCore
import TributaryMath
import TributarySimulation
import TributaryTesting

/// What holds in every federation, however much goes wrong in it.
@Suite struct FederationPropertyTests {
    @Test(arguments: TestSeeds.first(60))
    func everyRoundKeepsTheRules(seed: Seed) async throws {
        let plan = Plan.troubled(seed: seed, rounds: 15)
        let trainer = QuadraticTrainer.random(seed: seed, clients: 40, dimension: 20)
        var federation = try Federation(plan: plan, trainer: trainer, workers: 2)
        let quorum = federation.plan.quorum
        var version = 0
        var before = federation.state
        while let round = await federation.next() {
            let who = round.participation
            #expect(who.reported + who.droppedCount == who.invited)
            if plan.cohort.selection == .uniform { #expect(who.reported <= federation.plan.goal) }
            #expect(round.timing.virtualSeconds <= plan.cohort.deadline.inSeconds + 1e-6)
            #expect(round.timing.virtualElapsed >= before.now.sinceStart.inSeconds)
            #expect((round.outcome == .committed) == (who.reported >= quorum))
            if round.outcome == .committed {
                version += 1
            } else {
                #expect(federation.state.weights == before.weights)
            }
            #expect(round.modelVersion.rawValue == version)
            #expect(round.round == before.lastRound.next)
            #expect(federation.state.weights.values.allSatisfy { $0.isFinite })
            before = federation.state
        }
        #expect(before.lastRound.rawValue == 15)
    }

    @Test(arguments: TestSeeds.first(20))
    func workersAndPausesChangeNoBit(seed: Seed) async throws {
        let plan = Plan.troubled(seed: seed, rounds: 12)
        let trainer = QuadraticTrainer.random(seed: seed, clients: 40, dimension: 33)
        let reference = try await run(plan, trainer, workers: 1, pausingAfter: [])
        let parallel = try await run(plan, trainer, workers: 3, pausingAfter: [])
        let paused = try await run(plan, trainer, workers: 2, pausingAfter: [1, 5, 6, 11])
        #expect(parallel == reference)
        #expect(paused == reference)
    }

    @Test(arguments: TestSeeds.first(10))
    func aRoundsModelIsTheMeanOfItsContributions(seed: Seed) async throws {
        // With every update from a client of the same loss, the mean is that of any one of them: whoever
        // contributed and however often, the model must be exactly one local training away.
        var plan = Plan.troubled(seed: seed, rounds: 1)
        plan.cohort.quorum = .count(1)
        let clients = (0..<30).map { QuadraticTrainer.Client(curvature: 1, centre: 4, exampleCount: 1 + $0) }
        var federation = try Federation(plan: plan, trainer: QuadraticTrainer(clients: clients), workers: 2)
        let round = try #require(await federation.next())
        let expected: Float = round.outcome == .committed ? 0.4 : 0
        #expect(abs(federation.state.weights.values[0] - expected) < 1e-6)
    }

    @Test func clientsWithoutDataDeclineAndDivergedOnesAreRefused() async throws {
        var plan = Plan.everybody(rounds: 1)
        plan.cohort.quorum = .count(1)
        plan.local.steps = 400
        plan.local.learningRate = 1
        let trainer = QuadraticTrainer(clients: [
            .init(curvature: 1, centre: 1), .init(curvature: 1, centre: 1, exampleCount: 0),
            .init(curvature: 4, centre: 1), .init(curvature: 3, centre: 1),
        ])
        var federation = try Federation(plan: plan, trainer: trainer, workers: 2)
        let round = try #require(await federation.next())
        #expect(round.participation.reported == 1)
        #expect(round.participation.dropped[.noData] == 1)
        // Rate times curvature beyond 2 diverges: to infinity, or past the bound.
        let refused =
            round.participation.dropped[.notFinite, default: 0] + round.participation.dropped[.outOfBound, default: 0]
        #expect(refused == 2)
        #expect(federation.state.weights.values == [1])
    }

    private func run(
        _ plan: Plan, _ trainer: QuadraticTrainer, workers: Int, pausingAfter pauses: Set<Int>
    ) async throws -> ServerState {
        var federation = try Federation(plan: plan, trainer: trainer, workers: workers)
        while let round = await federation.next() {
            guard pauses.contains(round.round.rawValue) else { continue }
            federation = try Federation(plan: plan, trainer: trainer, workers: workers, resumingFrom: federation.state)
        }
        return federation.state
    }
}
