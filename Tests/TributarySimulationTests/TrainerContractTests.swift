import Testing
import TributaryCore
import TributaryMath
import TributarySimulation
import TributaryTesting

/// The contract of trainers, for all we ship.
@Suite struct TrainerContractTests {
    @Test(arguments: ["softmax", "mlp:7", "mlp:30,20"])
    func denseNetworks(model: String) throws {
        var plan = Plan()
        plan.data.set = "synthetic:1,1,8"
        plan.data.test = 0.2
        plan.model = model
        let assembly = try Assembly(plan)
        #expect(violations(of: assembly.trainer).isEmpty)
    }

    @Test(arguments: TestSeeds.first(5))
    func theQuadraticTestTrainer(seed: Seed) {
        #expect(violations(of: QuadraticTrainer.random(seed: seed, clients: 5, dimension: 4)).isEmpty)
    }

    @Test func aTrainerThatRemembersIsFound() {
        #expect(!violations(of: Forgetless()).isEmpty)
    }

    private func violations(of trainer: some Trainer) -> [String] {
        TrainerContract(trainer).violations(seed: 7)
    }
}

/// A trainer whose result depends on what its workspace was used for before.
private struct Forgetless: Trainer {
    let layout = TensorLayout([(name: "x", shape: [1])])
    let clientCount = 2
    let testChunkCount = 0

    func initialWeights(seed: Seed) -> Weights { Weights(zeros: layout) }
    func makeWorkspace() -> Float { 0 }
    func exampleCount(of client: ClientID) -> Int { 1 }

    func train(_ task: TrainingTask, weights: inout [Float], workspace: inout Float) -> TrainingOutcome {
        workspace += 1
        weights[0] = workspace
        return TrainingOutcome(exampleCount: 1, stepCount: 1, meanLoss: 0)
    }

    func evaluateTest(chunk: Int, weights: borrowing [Float], workspace: inout Float) -> Evaluation { .empty }
    func evaluate(client: ClientID, weights: borrowing [Float], workspace: inout Float) -> Evaluation { .empty }
}
