import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

/// Runs whose rule goes on from the round before: it is kept with the round's end, whatever happens.
@Suite struct RuleMemoryRunTests {
    private static func plan() throws -> Plan {
        var plan = Plan()
        plan.rounds = 12
        (plan.cohort.count, plan.cohort.fraction, plan.cohort.quorum) = (4, nil, .count(2))
        (plan.cohort.deadline, plan.cohort.lease) = (.seconds(60), .seconds(15))
        plan.evaluation.federatedEvery = nil
        try plan.set("strategy.aggregation", to: "centred-clipping:bound=0.5,steps=2")
        return plan
    }

    @Test func everyRoundGoesOnFromTheLastThatWasCommittedAlsoAfterCrashes() throws {
        var (crashes, abandoned) = (0, 0)
        for seed in 0..<30 as Range<UInt64> {
            var draw = Seed(seed).derived("memory").stream()
            var faults = CoordinatorWorld.Faults()
            (faults.crash, faults.storageFailure) = (draw.uniform() * 0.05, draw.uniform() * 0.2)
            (faults.silentClient, faults.failedTask) = (draw.uniform() * 0.4, draw.uniform() * 0.3)
            var world = CoordinatorWorld(seed: seed, clients: 8, plan: try Self.plan(), faults: faults)
            world.play(for: .seconds(2000))
            world.heal()
            world.play(for: .seconds(20_000))
            // That every order has the vectors that the round before left is among what the world checks.
            let (violations, isOver) = (world.violations, world.isOver)
            #expect(violations == [] && isOver, "seed \(seed)")
            var last: OptimiserStateRow?
            for end in world.ledger.rounds(of: CoordinatorWorld.run) {
                if end.summary.outcome == .abandoned {
                    #expect(end.optimiserState == last, "seed \(seed), \(end.summary.round)")
                    abandoned += 1
                } else {
                    #expect(end.optimiserState?.form == "aggregate-1" && end.optimiserState != last)
                    #expect(end.optimiserState?.vectors.map(\.name) == ["aggregate"])
                }
                last = end.optimiserState
            }
            crashes += world.crashes
        }
        #expect(crashes > 10 && abandoned > 0, "\(crashes), \(abandoned)")
    }

    @Test func itNeedsRounds() throws {
        var plan = try Self.plan()
        #expect(throws: Never.self) { try plan.checkRunsOverNetwork() }
        try plan.set("strategy.pacing", to: "buffered:goal=3")
        let error = #expect(throws: PlanError.self) { try plan.checkRunsOverNetwork() }
        #expect(error?.description.contains("centred-clipping") == true)
    }

    @Test func theMemoryIsBehindWhatTheOptimiserKeeps() {
        var adam = ServerAdam()
        adam.beta1 = 0.5
        for inner in [ServerSGD(), ServerMomentum(), adam] as [any ServerOptimiser] {
            let optimiser = RememberingOptimiser(inner)
            // No plan names it, so it need not read back from text.
            let broken = ServerOptimiserContract(optimiser).violations(seed: 1).filter { !$0.contains("read back") }
            #expect(broken == [])
            let names = inner.stateForm.vectors.map(\.name) + ["aggregate"]
            #expect(optimiser.stateForm.vectors.map(\.name) == names)
        }
        #expect(RememberingOptimiser(adam) != RememberingOptimiser(ServerAdam()))
        #expect(RememberingOptimiser(ServerSGD()) == RememberingOptimiser())
    }
}
