import Synchronization
import Testing
import TributaryCore
import TributaryMath
import TributarySimulation
import TributaryTesting

/// A model equals the weighted mean of exactly the contributions that its round recorded.
@Suite struct ContributionTests {
    @Test(arguments: TestSeeds.first(60))
    func aCommittedModelIsTheMeanOfExactlyItsContributions(seed: Seed) async throws {
        let plan = Plan.troubled(seed: seed, rounds: 8)
        var federation = try Federation(plan: plan, trainer: WitnessTrainer(), workers: 3)
        var before = federation.state.weights.values
        while let round = await federation.next() {
            let after = federation.state.weights.values
            let moves = zip(after, before).map { Double($0) - Double($1) }
            let contributors = moves.indices.filter { moves[$0] != 0 }
            #expect(contributors.count == (round.outcome == .committed ? round.participation.reported : 0))
            let total = contributors.reduce(0) { $0 + WitnessTrainer.weight(of: $1) }
            for client in contributors {
                let share = Double(WitnessTrainer.weight(of: client)) / Double(total)
                #expect(abs(moves[client] - share) < 1e-6)
            }
            before = after
        }
    }

    @Test func everyTaskHasASeedOfItsOwn() async throws {
        let log = SeedLog()
        var federation = try Federation(
            plan: .everybody(rounds: 5), trainer: WitnessTrainer(log: log), workers: 2)
        while await federation.next() != nil {}
        let seeds = log.seeds.withLock { $0 }
        #expect(seeds.count == 5 * 40 && Set(seeds).count == seeds.count)
    }

    @Test(arguments: [1, 2, 3])
    func aClientThatClaimsMoreExamplesThanItHoldsIsRefused(workers: Int) async throws {
        let trainer = WitnessTrainer(boaster: ClientID(0))
        var federation = try Federation(plan: .everybody(rounds: 1), trainer: trainer, workers: workers)
        let round = try #require(await federation.next())
        #expect(round.participation.dropped == [.badWeight: 1])
        #expect(federation.state.weights.values[0] == 0)
    }
}

/// The seeds of the tasks that were trained.
private final class SeedLog: Sendable {
    let seeds = Mutex<[Seed]>([])
}

/// Client k adds 1 to parameter k, so that a model tells who contributed to it, and with which weight.
private struct WitnessTrainer: Trainer {
    /// A client that claims ten times the examples it holds.
    var boaster: ClientID?
    /// Where the seeds of tasks are noted.
    var log: SeedLog?

    let clientCount = 40
    let testChunkCount = 0
    var layout: TensorLayout { TensorLayout([(name: "witness", shape: [clientCount])]) }

    static func weight(of client: Int) -> Int { 1 + client * 7 % 11 }

    func initialWeights(seed: Seed) -> Weights { Weights(zeros: layout) }
    func makeWorkspace() {}
    func exampleCount(of client: ClientID) -> Int { Self.weight(of: client.index) }

    func train(_ task: TrainingTask, weights: inout [Float], workspace: inout Void) -> TrainingOutcome {
        weights[task.client.index] += 1
        log?.seeds.withLock { $0.append(task.seed) }
        let claim = exampleCount(of: task.client) * (task.client == boaster ? 10 : 1)
        return TrainingOutcome(exampleCount: claim, stepCount: 1, meanLoss: 0)
    }

    func evaluateTest(chunk: Int, weights: borrowing [Float], workspace: inout Void) -> Evaluation { .empty }
    func evaluate(client: ClientID, weights: borrowing [Float], workspace: inout Void) -> Evaluation { .empty }
}
