import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributarySimulation
import TributaryTesting
import TributaryWire

/// Models that come as differences to the ones that clients have.
@Suite struct DownloadTests {
    private func plan(_ download: String, rounds: Int, keep: Int = 2) throws -> Plan {
        var plan = Plan.everybody(rounds: rounds)
        try plan.set("strategy.download", to: download)
        plan.checkpoint.keep = keep
        return plan
    }

    /// All rounds of a plan, and the model that each began with.
    private func rounds(
        _ plan: Plan, _ trainer: QuadraticTrainer
    ) async throws -> (rounds: [RoundSummary], models: [[Float]]) {
        var federation = try Federation(plan: plan, trainer: trainer, workers: 2)
        var (rounds, models): ([RoundSummary], [[Float]]) = ([], [federation.state.weights.values])
        while let round = await federation.next() {
            rounds.append(round)
            models.append(federation.state.weights.values)
        }
        return (rounds, models)
    }

    /// With everybody in every round: first the whole model, then the difference to the one before.
    @Test func bytesAreThoseOfTheDifferences() async throws {
        let trainer = QuadraticTrainer.random(seed: Seed(1), clients: 4, dimension: 3_000)
        let whole = try await rounds(plan("full", rounds: 5), trainer)
        let (rounds, models) = try await rounds(plan("delta", rounds: 5), trainer)
        #expect(models == whole.models)
        for (place, round) in rounds.enumerated() {
            let difference = place == 0 ? nil : ModelDelta.encoded(from: models[place - 1], to: models[place])?.count
            #expect(round.traffic.bytesDown == 4 * (difference ?? 12_000))
            #expect(whole.rounds[place].traffic.bytesDown == 4 * 12_000)
            #expect(round.traffic.bytesUp == whole.rounds[place].traffic.bytesUp)
        }
        let total = rounds.reduce(0) { $0 + $1.traffic.bytesDown }
        #expect(total < 5 * 4 * 12_000)
    }

    /// Where nothing is kept but the newest model there is nothing to make a difference to.
    @Test func withOneModelKeptAllIsWhole() async throws {
        let trainer = QuadraticTrainer.random(seed: Seed(2), clients: 3, dimension: 500)
        let (rounds, _) = try await rounds(plan("delta", rounds: 4, keep: 1), trainer)
        for round in rounds { #expect(round.traffic.bytesDown == 3 * 2_000) }
    }

    /// Who was invited last a few rounds ago has a model that is kept, or not any more.
    @Test(arguments: 1...6)
    func onlyKeptModelsCount(keep: Int) async throws {
        let trainer = QuadraticTrainer.random(seed: Seed(3), clients: 12, dimension: 400)
        var plan = try plan("delta", rounds: 12, keep: keep)
        (plan.cohort.selection, plan.cohort.count) = (.uniform, 4)
        var federation = try Federation(plan: plan, trainer: trainer, workers: 1)
        while await federation.next() != nil {
            let downloads = try #require(federation.state.downloads)
            #expect(downloads.models.count <= keep - 1)
            #expect(downloads.held.count <= 4 * max(keep - 1, 0))
            #expect(downloads.held.values.allSatisfy { downloads.models[$0] != nil })
        }
    }

    /// An abandoned round leaves the model as it is: who was sent it has it.
    @Test func whoHasTheModelItselfDownloadsNothing() async throws {
        var plan = try plan("delta", rounds: 30)
        plan.cohort.quorum = .share(1)
        plan.faults.duringTraining = 0.1
        let trainer = QuadraticTrainer.random(seed: Seed(4), clients: 5, dimension: 300)
        let (rounds, _) = try await rounds(plan, trainer)
        let after = zip(rounds, rounds.dropFirst()).filter { $0.0.outcome == .abandoned }.map(\.1)
        #expect(after.count > 2)
        for round in after { #expect(round.traffic.bytesDown == 0) }
    }

    /// Whatever goes wrong, the models are the same: nothing here goes by the time that a download takes.
    @Test(arguments: 0..<8)
    func modelsAreTheSameToTheBit(seed: Int) async throws {
        var plan = try plan("full", rounds: 8, keep: 3)
        plan.seed = UInt64(seed)
        (plan.cohort.selection, plan.cohort.fraction) = (.uniform, 0.5)
        (plan.faults.duringTraining, plan.faults.beforeTraining) = (0.1, 0.1)
        let trainer = QuadraticTrainer.random(seed: Seed(UInt64(seed)), clients: 9, dimension: 2_000)
        let whole = try await rounds(plan, trainer)
        plan.strategy.download = .delta
        let (rounds, models) = try await rounds(plan, trainer)
        #expect(models == whole.models)
        for (round, other) in zip(rounds, whole.rounds) {
            #expect(round.traffic.bytesDown <= other.traffic.bytesDown)
            #expect(round.participation == other.participation)
        }
    }

    @Test(arguments: ["synchronous", "buffered:goal=3"], [1, 2, 4])
    func workersAndInterruptionsChangeNothing(pacing: String, keep: Int) async throws {
        var plan = try plan("delta", rounds: 7, keep: keep)
        (plan.cohort.selection, plan.cohort.count) = (.uniform, 5)
        try plan.set("strategy.pacing", to: pacing)
        plan.faults.duringTraining = 0.2
        plan.devices.download = .logNormal(median: 0.01, sigma: 1)
        let trainer = QuadraticTrainer.random(seed: Seed(6), clients: 9, dimension: 300)
        let state = try await expectSameInPieces(plan, trainer)
        #expect(state.downloads != nil)
    }

    /// What a method sends beside the model comes as it is.
    @Test func methodsSendTheirShareWhole() async throws {
        let trainer = QuadraticTrainer.random(seed: Seed(9), clients: 4, dimension: 1_000)
        let (plain, models) = try await rounds(plan("delta", rounds: 4), trainer)
        var plan = try plan("delta", rounds: 4)
        plan.algorithm = .scaffold
        let (rounds, own) = try await rounds(plan, trainer)
        for (place, round) in rounds.enumerated() {
            let difference = place == 0 ? nil : ModelDelta.encoded(from: own[place - 1], to: own[place])?.count
            #expect(round.traffic.bytesDown == 4 * (4_000 + (difference ?? 4_000)))
        }
        #expect(plain.count == rounds.count && models.count == own.count)
    }

    /// Who is asked for its loss is sent the model as well, and has it from then on.
    @Test func whoIsAskedHasTheModel() async throws {
        var plan = try plan("delta", rounds: 6)
        try plan.set("cohort.selection", to: "power-of-choice:candidates=8")
        plan.cohort.count = 3
        let trainer = QuadraticTrainer.random(seed: Seed(10), clients: 8, dimension: 1_000)
        let (rounds, models) = try await rounds(plan, trainer)
        for (place, round) in rounds.enumerated() {
            let difference = place == 0 ? nil : ModelDelta.encoded(from: models[place - 1], to: models[place])?.count
            #expect(round.traffic.bytesDown == 8 * (difference ?? 4_000))
        }
    }

    /// A shorter download is over sooner: the devices' times go by the bytes.
    @Test func shorterDownloadsTakeLessTime() async throws {
        var plan = try plan("full", rounds: 6)
        plan.devices.download = .constant(0.01)
        let trainer = QuadraticTrainer.random(seed: Seed(7), clients: 3, dimension: 5_000)
        let whole = try await rounds(plan, trainer).rounds
        plan.strategy.download = .delta
        let rounds = try await rounds(plan, trainer).rounds
        #expect(rounds[0].timing.virtualSeconds == whole[0].timing.virtualSeconds)
        for place in 1..<6 { #expect(rounds[place].timing.virtualSeconds < whole[place].timing.virtualSeconds) }
    }

    @Test func anotherPlansStateIsRefused() async throws {
        let trainer = QuadraticTrainer.random(seed: Seed(8), clients: 3, dimension: 10)
        for (begun, resumed) in [("full", "delta"), ("delta", "full")] {
            var federation = try Federation(plan: plan(begun, rounds: 2), trainer: trainer, workers: 1)
            _ = await federation.next()
            let state = federation.state
            #expect(throws: PlanError.self) {
                try Federation(plan: plan(resumed, rounds: 2), trainer: trainer, workers: 1, resumingFrom: state)
            }
        }
    }
}
