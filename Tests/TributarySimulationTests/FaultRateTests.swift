import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributarySimulation
import TributaryTesting

/// Over many invitations, each fault comes true as often as the plan says.
@Suite struct FaultRateTests {
    @Test func faultsComeTrueAtTheirProbabilities() async throws {
        var plan = Plan.everybody(rounds: 10)
        plan.seed = 11
        plan.cohort.deadline = .seconds(1_000_000)
        plan.faults.beforeTraining = 0.03
        plan.faults.duringTraining = 0.11
        plan.faults.beforeUpload = 0.07
        plan.faults.stall = 0.05
        plan.faults.garbage = 0.08
        plan.faults.notFinite = 0.02
        let dropped = try await causes(plan)
        // Half of the garbage has the wrong length, the other half holds an infinity.
        let expected: [DropCause: Double] = [
            .beforeTraining: 0.03, .duringTraining: 0.11, .beforeUpload: 0.07, .stalled: 0.05, .malformed: 0.04,
            .notFinite: 0.06,
        ]
        #expect(Set(dropped.counts.keys) == Set(expected.keys))
        for (cause, rate) in expected {
            expectRate(dropped.counts[cause, default: 0], of: dropped.invited, rate, cause.rawValue)
        }
    }

    @Test func repetitionsComeTrueAtTheirProbability() async throws {
        // The client that never ends its lease keeps the round open until every repetition is in.
        var plan = Plan.everybody(rounds: 1)
        plan.cohort.deadline = .seconds(1_000_000)
        plan.cohort.lease = .seconds(500_000)
        plan.faults.stall = 0.01
        plan.faults.duplicate = 0.3
        let round = try await rounds(plan)[0]
        #expect(round.participation.dropped.keys.allSatisfy { $0 == .stalled })
        let who = round.participation
        expectRate(who.duplicates, of: who.reported, 0.3, "duplicates")
        // One Float32 a model: everybody downloads it, and every upload counts.
        #expect(round.traffic.bytesDown == 4 * who.invited)
        #expect(round.traffic.bytesUp == 4 * (who.reported + who.duplicates))
    }

    @Test func aSilentClientIsNoticedWhenItsLeaseEnds() async throws {
        // Training takes from the first second to the 101st. Heartbeats come every ten; the last to fall silent was heard
        // at the 100th and is given up a lease later.
        var plan = Plan.everybody(rounds: 1)
        plan.cohort.deadline = .seconds(10_000)
        plan.cohort.lease = .seconds(30)
        plan.devices.examplesPerSecond = .constant(0.01)
        plan.devices.latency = .constant(1000)
        plan.faults.stall = 1
        let round = try await rounds(plan)[0]
        #expect(round.participation.dropped == [.stalled: population])
        #expect(abs(round.timing.virtualSeconds - 130) < 1e-6)
    }

    @Test func availabilityThinsACohortOfAll() async throws {
        var plan = Plan.everybody(rounds: 10)
        plan.devices.availability = 0.35
        let invited = try await rounds(plan).reduce(0) { $0 + $1.participation.invited }
        expectRate(invited, of: 10 * population, 0.35, "availability")
    }

    @Test func everyClientIsInvitedEquallyOftenWhateverIsAvailable() {
        // Availability changes from round to round, so that over rounds nobody is preferred.
        var counts = [Int](repeating: 0, count: 40)
        for seed in TestSeeds.first(4000) {
            let selector = CohortSelector(selection: .uniform, populationSize: 40, inviteCount: 8)
            let cohort = selector.cohort(seed: seed.derived("cohort")) { client in
                var stream = seed.derived("available", client.rawValue).stream()
                return stream.bernoulli(0.5)
            }
            for client in cohort { counts[client.index] += 1 }
        }
        let total = counts.reduce(0, +)
        for (client, count) in counts.enumerated() { expectRate(count, of: total, 1.0 / 40, "client \(client)") }
    }

    private let population = 3000

    private func rounds(_ plan: Plan) async throws -> [RoundSummary] {
        let clients = [QuadraticTrainer.Client](repeating: .init(curvature: 1, centre: 1), count: population)
        var federation = try Federation(plan: plan, trainer: QuadraticTrainer(clients: clients), workers: 2)
        var rounds: [RoundSummary] = []
        while let round = await federation.next() { rounds.append(round) }
        return rounds
    }

    private func causes(_ plan: Plan) async throws -> (counts: [DropCause: Int], invited: Int) {
        let rounds = try await rounds(plan)
        let counts = rounds.reduce(into: [DropCause: Int]()) { $0.merge($1.participation.dropped, uniquingKeysWith: +) }
        return (counts, rounds.reduce(0) { $0 + $1.participation.invited })
    }

    /// Within five standard deviations of a binomial count.
    private func expectRate(_ count: Int, of trials: Int, _ rate: Double, _ name: String) {
        let deviation = (Double(trials) * rate * (1 - rate)).squareRoot()
        #expect(abs(Double(count) - Double(trials) * rate) < 5 * deviation, "\(name): \(count) of \(trials)")
    }
}
