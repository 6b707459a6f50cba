import Testing
import TributaryCore

/// Methods as plans name them, and what they do not go with.
@Suite struct MethodPlanTests {
    @Test func anAlgorithmsNameIsAMethod() throws {
        for (algorithm, method, weighting, keeps) in [
            (Plan.Algorithm.fedAvg, "plain", UpdateWeighting.examples, false), (.fedAdam, "plain", .examples, false),
            (.fedProx, "prox", .examples, true), (.fedNova, "nova", .examples, true),
            (.scaffold, "scaffold", .uniform, true), (.fedDyn, "dyn", .uniform, true),
            (.qFedAvg, "qfedavg", .uniform, false), (.qFedSGD, "qfedsgd", .uniform, false),
            (.agnostic, "afl", .uniform, false),
        ] {
            var plan = Plan()
            plan.algorithm = algorithm
            if algorithm == .agnostic { plan.cohort.selection = .all }
            let resolved = try ResolvedPlan(plan, populationSize: 10)
            #expect(resolved.strategy.method.text.name == method)
            #expect(resolved.strategy.weighting == weighting && resolved.strategy.keepsPartialWork == keeps)
            #expect(resolved.plan.strategy.method == resolved.strategy.method.text)
            #expect(resolved.plan.server.weighting == weighting)
            #expect(try ResolvedPlan(resolved.plan, populationSize: 10) == resolved)
        }
    }

    @Test(arguments: [
        (["strategy.method": "scafold"], ["strategy.method", "did you mean 'scaffold'"]),
        (["strategy.method": "prox:mu=-1"], ["strategy.method", "from 0"]),
        (["strategy.method": "scaffold:option=3"], ["1 or 2"]),
        (["algorithm": "scaffold", "strategy.method": "dyn"], ["algorithm scaffold", "strategy.method is dyn"]),
        (["algorithm": "scaffold", "server.weighting": "examples"], ["strategy.method scaffold", "server.weighting"]),
        (["algorithm": "feddyn", "server.weighting": "examples"], ["strategy.method dyn", "server.weighting"]),
        (
            ["algorithm": "scaffold", "local.momentum": "0.9"],
            ["strategy.method scaffold", "local.momentum", "option=1"]
        ),
        (["algorithm": "feddyn", "strategy.optimiser": "adam"], ["strategy.method dyn", "strategy.optimiser"]),
        (["algorithm": "fedadam", "strategy.method": "dyn"], ["strategy.method dyn", "adam"]),
        (["algorithm": "feddyn", "server.learning-rate": "0.5"], ["strategy.method dyn", "server.learning-rate"]),
        (["algorithm": "feddyn", "server.schedule": "cosine"], ["strategy.method dyn", "server.schedule"]),
        (["algorithm": "qfedsgd", "local.epochs": "2"], ["strategy.method qfedsgd", "local.epochs"]),
        (["algorithm": "afl"], ["strategy.method afl", "cohort.selection"]),
        (["faults.straggler": "0.5"], ["faults.straggler", "local.epochs"]),
    ])
    func whatContradictsIsRefusedWithTheFieldsNames(fields: [String: String], words: [String]) throws {
        var plan = Plan()
        for (path, value) in fields { try plan.set(path, to: value) }
        do throws(PlanError) {
            _ = try ResolvedPlan(plan, populationSize: 10)
            Issue.record("\(fields) was taken")
        } catch {
            for word in words { #expect(error.description.contains(word), "\(error)") }
            #expect(!error.description.contains("\n"))
        }
    }

    @Test(arguments: [
        ["algorithm": "scaffold", "strategy.optimiser": "adam"], ["algorithm": "fedadam", "strategy.method": "nova"],
        ["algorithm": "scaffold", "strategy.method": "scaffold:option=1", "local.momentum": "0.9"],
        ["algorithm": "fednova", "local.momentum": "0.9", "strategy.optimiser": "momentum"],
        ["algorithm": "fedsgd", "strategy.method": "prox"], ["faults.straggler": "0.5", "local.steps": "2"],
    ])
    func whatGoesTogetherIsTaken(fields: [String: String]) throws {
        var plan = Plan()
        for (path, value) in fields { try plan.set(path, to: value) }
        #expect(throws: Never.self) { try ResolvedPlan(plan, populationSize: 10) }
    }

    @Test func agnosticLearningIsForAFewThousandClients() throws {
        var plan = Plan()
        (plan.algorithm, plan.cohort.selection) = (.agnostic, .all)
        #expect(throws: PlanError.self) { try ResolvedPlan(plan, populationSize: 10_001) }
        #expect(try ResolvedPlan(plan, populationSize: 10_000).goal == 10_000)
    }

    @Test func aNetworkTakesOnlyWhatWorksThere() throws {
        for algorithm in Plan.Algorithm.allCases {
            var plan = Plan()
            plan.algorithm = algorithm
            if algorithm == .agnostic { plan.cohort.selection = .all }
            #expect(throws: Never.self) { try plan.checkRunsOverNetwork() }
        }
        var plan = Plan()
        try plan.set("strategy.method", to: "prox:adaptive=true")
        #expect(throws: Never.self) { try plan.checkRunsOverNetwork() }
        // Messages follow the update in the same bytes.
        for (field, value) in [("live.update-encoding", "bf16"), ("strategy.encoding", "topk:0.1")] {
            plan = Plan()
            plan.algorithm = .scaffold
            try plan.set(field, to: value)
            #expect(throws: PlanError.self) { try plan.checkRunsOverNetwork() }
        }
        plan = Plan()
        try plan.set("privacy.mechanism", to: "local:noise=1")
        #expect(throws: PlanError.self) { try plan.checkRunsOverNetwork() }
    }

    @Test func localTrainingIsAsTheMethodHasIt() throws {
        var plan = Plan()
        try plan.set("strategy.method", to: "prox:mu=0.3")
        let resolved = try ResolvedPlan(plan, populationSize: 10)
        #expect(resolved.solver(for: RoundNumber(1), figures: []).proximal == 0.3)
        #expect(resolved.plainSolver(for: RoundNumber(1)).proximal == 0)
    }

    @Test func aProgramMayAddAMethod() throws {
        var catalogue = Catalogue.standard
        catalogue.add(Shy.self)
        var plan = Plan()
        try plan.set("strategy.method", to: "shy")
        #expect(throws: PlanError.self) { try ResolvedPlan(plan, populationSize: 10) }
        #expect(try ResolvedPlan(plan, populationSize: 10, catalogue: catalogue).strategy.method is Shy)
    }
}

/// A method of somebody else's.
private struct Shy: FederatedMethod {
    static let about = PartDescription(name: "shy", summary: "Less.", paper: "none", combinations: "anything")
    static let parameters: [PartParameter<Shy>] = []
}
