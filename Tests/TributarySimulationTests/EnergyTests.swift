import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributarySimulation
import TributaryTesting

/// Energy and carbon of simulated rounds.
@Suite struct EnergyTests {
    @Test(arguments: TestSeeds.first(12)) func partsAddUpAndFollowTheTraffic(seed: Seed) async throws {
        let folder = try TemporaryFolder()
        var plan = Plan.troubled(seed: seed, rounds: 6)
        try plan.setTrace("h\n0,a,400", in: folder)
        (plan.energy.trainingWatts, plan.energy.transferWatts) = (.constant(1e-300), 0)
        (plan.energy.networkKWhPerGB, plan.energy.serverWatts) = (1, 3.6e5)
        var totals = RoundSummary.Energy()
        try await run(plan, .random(seed: seed, clients: 20, dimension: 3)) { round in
            guard let energy = round.energy else {
                Issue.record("no energy")
                return
            }
            #expect(near(energy.download.kilowattHours, Double(round.traffic.bytesDown) * 1e-9))
            #expect(near(energy.upload.kilowattHours, Double(round.traffic.bytesUp) * 1e-9))
            #expect(near(energy.server.kilowattHours, round.timing.virtualSeconds / 10))
            let sum = energy.parts.reduce(0) { $0 + $1.amount.kilowattHours }
            #expect(near(energy.total.kilowattHours, sum))
            for part in energy.parts { #expect(near(part.amount.grams ?? -1, part.amount.kilowattHours * 400)) }
            totals = totals + energy
        }
        #expect(totals.total.kilowattHours > 0)
    }

    @Test func trainingTakesItsPowerForItsTime() async throws {
        var plan = Plan.everybody(rounds: 2)
        (plan.devices.examplesPerSecond, plan.local.epochs) = (.constant(10), 3)
        (plan.energy.trainingWatts, plan.energy.transferWatts) = (.constant(36), 0)
        (plan.energy.networkKWhPerGB, plan.energy.serverWatts) = (0, 0)
        let trainer = QuadraticTrainer.random(seed: Seed(3), clients: 9, dimension: 3)
        let examples = trainer.clients.reduce(0) { $0 + $1.exampleCount }
        try await run(plan, trainer) { round in
            // 36 W for 3 n / 10 seconds.
            let expected = 36 * 3 * Double(examples) / 10 / 3.6e6
            #expect(near(round.energy?.total.kilowattHours ?? -1, expected, 1e-7))
            #expect(round.energy?.total.grams == nil)
        }
    }

    @Test func countingChangesNothingElse() async throws {
        let trainer = QuadraticTrainer.random(seed: Seed(3), clients: 20, dimension: 3)
        var plan = Plan.troubled(seed: Seed(8), rounds: 5)
        let without = try await run(plan, trainer) { #expect($0.energy == nil) }
        plan.energy.serverWatts = 10
        let counted = try await run(plan, trainer) { #expect($0.energy != nil) }
        #expect(counted == without)
    }

    @Test func anEvenTraceKeepsScheduleAndCohorts() async throws {
        let folder = try TemporaryFolder()
        let trainer = QuadraticTrainer.random(seed: Seed(3), clients: 20, dimension: 3)
        for selection in SelectionTests.selections where selection != "poisson" {
            var plan = Plan.selecting(selection, seed: Seed(7), rounds: 5)
            plan.energy.slot = .seconds(600)
            let plain = try await run(plan, trainer)
            try plan.setTrace("h\n0,a,300\n100,a,300\n0,b,300", in: folder)
            (plan.energy.slack, plan.energy.carbonWeight) = (7, 3)
            #expect(try await run(plan, trainer) == plain)
        }
    }

    @Test func noWeightOnCarbonIsTheSelectionItself() async throws {
        let folder = try TemporaryFolder()
        let trainer = QuadraticTrainer.random(seed: Seed(3), clients: 20, dimension: 3)
        for selection in SelectionTests.selections {
            var plan = Plan.selecting(selection, seed: Seed(7), rounds: 5)
            let plain = try await run(plan, trainer)
            try plan.setTrace("h\n0,a,300\n0,b,10", in: folder)
            #expect(try await run(plan, trainer) == plain)
        }
    }

    @Test func weightOnCarbonMovesRoundsToCleanRegionsAndFillsThem() async throws {
        let folder = try TemporaryFolder()
        let trainer = QuadraticTrainer.random(seed: Seed(3), clients: 40, dimension: 3)
        for selection in SelectionTests.selections where selection != "poisson" {
            var grams: [Double] = []
            for weight in [0.0, 1, 1e6] {
                var plan = Plan.selecting(selection, seed: Seed(7), rounds: 30)
                plan.devices.examplesPerSecond = .constant(100)
                try plan.setTrace("h\n0,a,300\n0,b,10", in: folder)
                plan.energy.carbonWeight = weight
                (plan.energy.serverWatts, plan.cohort.count) = (0, 8)
                var sum = 0.0
                try await run(plan, trainer) { round in
                    #expect(round.participation.invited == 8)
                    let clients = [round.energy?.training, round.energy?.upload].compactMap { $0 }
                    sum += clients.reduce(0) { $0 + ($1.grams ?? 0) } / clients.reduce(0) { $0 + $1.kilowattHours }
                }
                grams.append(sum / 30)
            }
            #expect(grams[0] > grams[1] && grams[1] > grams[2], "\(selection): \(grams)")
            #expect(near(grams[2], 10, 1e-9))
        }
    }

    @Test func roundsBeginWithTheirSlots() async throws {
        let folder = try TemporaryFolder()
        var plan = Plan.selecting("uniform", seed: Seed(7), rounds: 3)
        try plan.setTrace("h\n0,a,500\n600,a,100\n1200,a,400\n1800,a,50\n2400,a,60", in: folder)
        (plan.energy.slot, plan.energy.slack) = (.seconds(600), 2)
        var starts: [Double] = []
        try await run(plan, .random(seed: Seed(3), clients: 40, dimension: 3)) { round in
            starts.append((round.timing.virtualElapsed - round.timing.virtualSeconds).rounded())
        }
        #expect(starts == [600, 1800, 2400])
    }

    @Test func aTraceThatCannotBeReadIsNamed() throws {
        let folder = try TemporaryFolder()
        let trainer = QuadraticTrainer.random(seed: Seed(3), clients: 4, dimension: 1)
        var plan = Plan()
        plan.energy.trace = folder.path + "/nope.csv"
        #expect(throws: PlanError.self) { try Federation(plan: plan, trainer: trainer, workers: 1) }
        try plan.setTrace("h\n0,a,much", in: folder)
        do throws(PlanError) {
            _ = try Federation(plan: plan, trainer: trainer, workers: 1)
            Issue.record("read a bad trace")
        } catch {
            #expect(error.description.contains("trace.csv: line 2") && error.description.contains("'much'"))
        }
    }

    private func near(_ value: Double, _ expected: Double, _ tolerance: Double = 1e-9) -> Bool {
        abs(value - expected) <= tolerance * max(abs(expected), 1e-12)
    }

    @discardableResult
    private func run(
        _ plan: Plan, _ trainer: QuadraticTrainer, each: (RoundSummary) -> Void = { _ in }
    ) async throws -> ServerState {
        var federation = try Federation(plan: plan, trainer: trainer, workers: 2)
        while let round = await federation.next() { each(round) }
        return federation.state
    }
}
