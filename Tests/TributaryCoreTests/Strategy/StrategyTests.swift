import Testing
import TributaryCore

/// Strategies as plans name them, and what is refused.
@Suite struct StrategyTests {
    @Test func anAlgorithmsNameIsAChoiceOfParts() throws {
        for (algorithm, optimiser, rate) in [
            (Plan.Algorithm.fedAvg, "sgd", 1.0), (.fedSGD, "sgd", 1), (.fedAvgM, "momentum", 1),
            (.fedAdagrad, "adagrad", 0.1), (.fedAdam, "adam", 0.01), (.fedYogi, "yogi", 0.01),
        ] {
            var plan = Plan()
            plan.algorithm = algorithm
            let resolved = try ResolvedPlan(plan, populationSize: 10)
            #expect(resolved.strategy.optimiser.text.name == optimiser)
            #expect(resolved.plan.strategy.optimiser == resolved.strategy.optimiser.text)
            #expect(resolved.plan.server.learningRate == rate)
            #expect(try ResolvedPlan(resolved.plan, populationSize: 10) == resolved)
        }
    }

    @Test func partsAreReadWithTheirParametersAndSpeltOut() throws {
        var plan = Plan()
        try plan.set("strategy.optimiser", to: "Adam: tau=0.01, beta1 = 0.8")
        plan.algorithm = .fedAdam
        let resolved = try ResolvedPlan(plan, populationSize: 10)
        var expected = ServerAdam()
        (expected.tau, expected.beta1) = (0.01, 0.8)
        #expect(resolved.strategy.optimiser as? ServerAdam == expected)
        #expect(
            resolved.plan.text["strategy"]?["optimiser"]
                == "adam:beta1=0.8,beta2=0.99,tau=0.01,v0=0,bias-correction=none")
    }

    @Test(arguments: [
        ("adm", "did you mean 'adam'"), ("nonsense", "there are: sgd, momentum"), ("sgd:tau=1", "no parameters"),
        ("adam:beta3=1", "did you mean 'beta1'"), ("adam:tau=0", "must be a number from 1e-12"),
        ("adam:tau=nan", "must be"), ("adam:beta1=1", "must be"), ("adam:beta1=-0.1", "must be"),
        ("adam:tau=1,tau=2", "twice"), ("momentum:nesterov=perhaps", "true or false"),
        ("yogi:v0=0.1,bias-correction=moments", "start from zero"),
        ("adam:bias-correction=some", "one of none, moments, rate"),
    ])
    func whatMakesNoSenseIsRefusedByName(text: String, reason: String) throws {
        var plan = Plan()
        try plan.set("strategy.optimiser", to: text)
        do throws(PlanError) {
            _ = try ResolvedPlan(plan, populationSize: 10)
            Issue.record("'\(text)' was taken")
        } catch {
            #expect(error.description.contains("strategy.optimiser") && error.description.contains(reason))
        }
    }

    @Test func anAlgorithmAndAnOptimiserThatContradictOneAnotherAreRefused() throws {
        var plan = Plan()
        plan.algorithm = .fedAdam
        plan.strategy.optimiser = PartText(name: "yogi")
        #expect(throws: PlanError.self) { try ResolvedPlan(plan, populationSize: 10) }
        plan.algorithm = .fedSGD
        #expect(try ResolvedPlan(plan, populationSize: 10).strategy.optimiser is ServerYogi)
    }

    @Test func theServersRateFollowsItsScheduleAndItsStepsAreCountedByVersions() throws {
        var plan = Plan()
        plan.rounds = 4
        plan.server.learningRate = 0.5
        plan.server.schedule = .step(interval: 2, factor: 0.1)
        let resolved = try ResolvedPlan(plan, populationSize: 10)
        // Two of the first three rounds were abandoned.
        let step = resolved.serverStep(for: RoundNumber(4), making: ModelVersion(2))
        #expect(step.context == StepContext(learningRate: 0.5 * 0.1, number: 2))
        #expect(step == ServerStep(ServerSGD(), step.context) && step != ServerStep(ServerAdam(), step.context))
    }

    @Test func aProgramMayAddAPart() throws {
        var catalogue = Catalogue.standard
        catalogue.add(Halved.self)
        var plan = Plan()
        try plan.set("strategy.optimiser", to: "halved:share=0.25")
        #expect(throws: PlanError.self) { try ResolvedPlan(plan, populationSize: 10) }
        let resolved = try ResolvedPlan(plan, populationSize: 10, catalogue: catalogue)
        #expect((resolved.strategy.optimiser as? Halved)?.share == 0.25)
        #expect(catalogue.optimiserListings.last?.parameters.first?.defaultText == "0.5")
    }
}

/// A part of somebody else's.
private struct Halved: ServerOptimiser {
    var share = 0.5

    static let about = PartDescription(
        name: "halved", summary: "A share of the step.", paper: "none", combinations: "anything")
    static let parameters: [PartParameter<Halved>] = [
        PartParameter("share", \.share, "The share.", must: "a number above 0") { $0 > 0 }
    ]

    func replace(_ update: inout MutableSpan<Double>, state: inout MutableSpan<Float>, _ context: StepContext) {
        for index in update.indices { update[index] *= share * context.learningRate }
    }
}
