import Testing
import TributaryCore

/// Selection and energy in plans.
@Suite struct SelectionPlanTests {
    @Test(arguments: ["uniform", "poisson", "all", "proportional", "power-of-choice:candidates=30", "oort:floor=0.3"])
    func aSelectionReadsBackAsItWasSaid(text: String) throws {
        var plan = Plan()
        try plan.set("cohort.selection", to: text)
        #expect(PlanField.named("cohort.selection")?.text(in: plan) == text)
        let resolved = try ResolvedPlan(plan, populationSize: 100)
        #expect(try Plan(text: resolved.plan.text) == resolved.plan)
    }

    @Test func selectorsBringTheirWeighting() throws {
        func weighting(_ selection: String, said: UpdateWeighting? = nil) throws -> UpdateWeighting {
            var plan = Plan()
            try plan.set("cohort.selection", to: selection)
            plan.server.weighting = said
            return try ResolvedPlan(plan, populationSize: 100).strategy.weighting
        }
        #expect(try weighting("uniform") == .examples && weighting("oort") == .examples)
        #expect(try weighting("proportional") == .uniform && weighting("power-of-choice") == .uniform)
        #expect(try weighting("proportional", said: .examples) == .examples)
    }

    @Test(arguments: [
        (["cohort.selection": "everyone"], ["no selection 'everyone'", "uniform"]),
        (["cohort.selection": "oord"], ["oort"]),
        (["cohort.selection": "oort:floor=2"], ["floor", "share"]),
        (["cohort.selection": "power-of-choice:candidates=3"], ["candidates", "invites 10"]),
        (["cohort.selection": "all", "cohort.participation-cap": "5"], ["cohort.selection all"]),
        (["cohort.participation-cap": "1", "rounds": "30"], ["cohort.participation-cap", "100 clients"]),
        (["cohort.participation-gap": "21", "rounds": "30"], ["cohort.participation-gap"]),
        (["energy.slack": "3"], ["energy.slack", "energy.trace"]),
        (["energy.carbon-weight": "1"], ["energy.carbon-weight", "energy.trace"]),
        (["energy.slot": "60s"], ["energy.slot", "cohort.deadline"]),
        (["energy.trace": "x.csv", "energy.carbon-weight": "1", "cohort.selection": "poisson"], ["poisson"]),
    ])
    func whatCannotWorkIsOneLineWithTheFields(fields: [String: String], words: [String]) throws {
        var plan = Plan()
        for (path, text) in fields { try plan.set(path, to: text) }
        do throws(PlanError) {
            _ = try ResolvedPlan(plan, populationSize: 100)
            Issue.record("took \(fields)")
        } catch {
            for word in words { #expect(error.description.contains(word), "\(error)") }
        }
    }

    @Test(arguments: [
        ["cohort.selection": "proportional"], ["cohort.selection": "oort"],
        ["cohort.selection": "power-of-choice:loss=last"], ["cohort.selection": "power-of-choice"],
        ["cohort.participation-cap": "50"], ["cohort.participation-gap": "2"],
        ["energy.server-watts": "10"], ["energy.slot": "1h"],
    ])
    func aServerChoosesByWhatClientsReport(fields: [String: String]) throws {
        var plan = Plan()
        for (path, text) in fields { try plan.set(path, to: text) }
        #expect(throws: Never.self) { try plan.checkRunsOverNetwork() }
    }

    @Test func selectorsAreForSoManyClients() throws {
        var plan = Plan()
        plan.cohort.count = 10
        try plan.set("cohort.selection", to: "oort")
        #expect(throws: PlanError.self) { try ResolvedPlan(plan, populationSize: 1_000_001) }
        try plan.set("cohort.selection", to: "uniform")
        plan.cohort.participationGap = 5
        #expect(throws: Never.self) { try ResolvedPlan(plan, populationSize: 1_000_000_000) }
    }

    @Test func energyIsSpeltOutOnlyWhereItIsCounted() throws {
        var plan = Plan()
        #expect(try ResolvedPlan(plan, populationSize: 10).plan.energy == Plan.Energy())
        plan.energy.serverWatts = 0
        let energy = try ResolvedPlan(plan, populationSize: 10).plan.energy
        #expect(energy.serverWatts == 0 && energy.transferWatts == 1 && energy.trainingWatts == .constant(5))
    }
}
