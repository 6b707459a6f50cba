import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributarySimulation
import TributaryTesting

/// What a method keeps, in checkpoints.
@Suite struct MethodCheckpointTests {
    @Test(arguments: [
        ("scaffold", "momentum"), ("dyn", "sgd"), ("afl", "adam"), ("prox:adaptive=true", "sgd"), ("nova", "adam"),
        ("qfedavg", "sgd"),
    ])
    func whatIsStoredIsReadBackToTheBit(method: String, optimiser: String) async throws {
        var plan = Plan.by(.fedAvg, rounds: 3)
        try plan.set("strategy.method", to: method)
        try plan.set("strategy.optimiser", to: optimiser)
        let trainer = QuadraticTrainer.random(seed: Seed(4), clients: 9, dimension: 5)
        var federation = try Federation(plan: plan, trainer: trainer, workers: 2)
        let folder = try TemporaryFolder()
        let checkpoints = CheckpointFolder(folder.path, keep: 9)
        repeat {
            let written = Checkpoint(plan: federation.plan.plan, state: federation.state)
            try checkpoints.write(written)
            #expect(checkpoints.newest().checkpoint == written)
            #expect(checkpoints.newest().damaged == [])
        } while await federation.next() != nil
    }

    @Test func onlyWhoTookPartTakesRoom() async throws {
        var plan = Plan()
        (plan.rounds, plan.algorithm, plan.cohort.count) = (2, .scaffold, 3)
        let trainer = QuadraticTrainer.random(seed: Seed(4), clients: 100_000, dimension: 50)
        var federation = try Federation(plan: plan, trainer: trainer, workers: 2)
        while await federation.next() != nil {}
        #expect(federation.state.method.clients.values.count == 6)
        let folder = try TemporaryFolder()
        let checkpoints = CheckpointFolder(folder.path, keep: 1)
        try checkpoints.write(Checkpoint(plan: plan, state: federation.state))
        #expect(try folder.bytes("round-0000002.safetensors").count < 10_000)
    }
}
