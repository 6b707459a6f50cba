import Testing
import TributaryCore
import TributaryMath
import TributarySimulation
import TributaryTesting

/// Personalisations that do not go with a plan, a model or a trainer are refused in a line that says why.
@Suite struct PersonalRefusalTests {
    @Test(arguments: [
        (["strategy.personalisation": "fedperr"], "did you mean"),
        (["strategy.personalisation": "apfl:mu=1"], "no parameter 'mu'"),
        (["strategy.personalisation": "apfl:alpha=1.5"], "a number from 0 to 1"),
        (["strategy.personalisation": "fedrep:head-epochs=0"], "a whole number from 1"),
        (["strategy.personalisation": "fedper:head=0"], "a number of layers from 1"),
        (["strategy.personalisation": "fedper", "strategy.method": "scaffold"], "scaffold"),
        (["strategy.personalisation": "fedrep", "strategy.method": "prox:adaptive=true"], "without adaptive"),
        (["strategy.personalisation": "apfl", "strategy.method": "dyn"], "dyn"),
        (["strategy.personalisation": "fedper", "privacy.mechanism": "sampled:noise=1"], "privacy.mechanism"),
        (["strategy.personalisation": "fedrep", "cohort.selection": "power-of-choice"], "cohort.selection"),
        (["strategy.personalisation": "fedper", "cohort.selection": "oort"], "cohort.selection"),
        (["strategy.personalisation": "apfl", "strategy.pacing": "buffered"], "strategy.pacing"),
        (["strategy.personalisation": "fedrep", "strategy.pacing": "mixing"], "strategy.pacing"),
        (["strategy.personalisation": "fedper", "data.test": "0"], "data.test"),
        (["strategy.personalisation": "fedper:head=nose"], "the model has x, head"),
        (["strategy.personalisation": "fedper:head=x+head"], "whole model"),
        (["strategy.personalisation": "fedrep:head=2"], "whole model"),
    ])
    func contradictions(fields: [String: String], says words: String) {
        var line = ""
        do throws(PlanError) {
            var plan = Plan()
            (plan.rounds, plan.data.test) = (1, 0.2)
            plan.cohort.selection = fields["privacy.mechanism"] == nil ? .uniform : .poisson
            for (field, text) in fields.sorted(by: { $0.key < $1.key }) { try plan.set(field, to: text) }
            let trainer = QuadraticTrainer(clients: QuadraticTrainer.drift.clients, dimension: 3, headLength: 1)
            _ = try Federation(plan: plan, trainer: trainer, workers: 1)
        } catch {
            line = error.description
        }
        #expect(line.contains(words) && line.contains("strategy.personalisation") && !line.contains("\n"), "\(line)")
    }

    @Test func aTrainerThatCannotIsRefused() throws {
        var plan = Plan.everybody(rounds: 1)
        plan.data.test = 0.2
        for part in ["ditto", "fedrep:head=b", "apfl"] {
            plan.strategy.personalisation = PartText(planText: part)
            let error = #expect(throws: PlanError.self) { try Federation(plan: plan, trainer: Modest(), workers: 1) }
            #expect(error?.description.contains("this trainer") == true)
        }
        for part in ["fedper:head=b", "fine-tuning"] {
            plan.strategy.personalisation = PartText(planText: part)
            #expect(throws: Never.self) { try Federation(plan: plan, trainer: Modest(), workers: 1) }
        }
    }

    @Test func whatClientsKeepOfAnotherKindIsNotGoneOnFrom() async throws {
        var plan = Plan.everybody(rounds: 2)
        plan.data.test = 0.2
        let trainer = QuadraticTrainer(clients: QuadraticTrainer.drift.clients, dimension: 3, headLength: 1)
        let parts = ["none", "ditto", "fedper", "apfl"]
        for part in parts {
            try plan.set("strategy.personalisation", to: part)
            var federation = try Federation(plan: plan, trainer: trainer, workers: 1)
            _ = await federation.next()
            for other in parts where other != part {
                try plan.set("strategy.personalisation", to: other)
                #expect(throws: PlanError.self) {
                    try Federation(plan: plan, trainer: trainer, workers: 1, resumingFrom: federation.state)
                }
            }
        }
        // A head of another length is another's.
        try plan.set("strategy.personalisation", to: "fedper")
        var federation = try Federation(plan: plan, trainer: trainer, workers: 1)
        _ = await federation.next()
        try plan.set("strategy.personalisation", to: "fedper:head=x")
        #expect(throws: PlanError.self) {
            try Federation(plan: plan, trainer: trainer, workers: 1, resumingFrom: federation.state)
        }
    }
}

/// A trainer that can do no more than train.
private struct Modest: Trainer {
    let layout = TensorLayout([(name: "a", shape: [1]), (name: "b", shape: [1])])
    let clientCount = 2
    let testChunkCount = 0

    func initialWeights(seed: Seed) -> Weights { Weights(zeros: layout) }
    func makeWorkspace() {}
    func exampleCount(of client: ClientID) -> Int { 1 }
    func train(_ task: TrainingTask, weights: inout [Float], workspace: inout Void) -> TrainingOutcome {
        TrainingOutcome(exampleCount: 1, stepCount: 1, meanLoss: 0)
    }
    func evaluateTest(chunk: Int, weights: borrowing [Float], workspace: inout Void) -> Evaluation { .empty }
    func evaluate(client: ClientID, weights: borrowing [Float], workspace: inout Void) -> Evaluation { .empty }
}
