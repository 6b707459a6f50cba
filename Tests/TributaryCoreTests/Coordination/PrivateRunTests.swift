import Testing
import TributaryCore
import TributaryMath

/// Runs with noise by trees on the coordinator: nothing that was released goes without its price, and no price is paid twice.
@Suite struct PrivateRunTests {
    /// Trees of four rounds, of which the budget covers as many as said.
    private static func plan(trees: Int, rounds: Int = 1000, participations: Int = 1) throws -> Plan {
        var plan = Plan()
        plan.rounds = rounds
        (plan.cohort.count, plan.cohort.fraction, plan.cohort.quorum) = (3, nil, .count(2))
        (plan.cohort.deadline, plan.cohort.lease) = (.seconds(60), .seconds(15))
        plan.evaluation.federatedEvery = nil
        try plan.set("privacy.mechanism", to: "tree:clip=1,noise=2,rounds=4,participations=\(participations)")
        plan.privacy.delta = 1e-4
        plan.privacy.epsilon = epsilon(trees: trees, participations) * 1.0001
        return plan
    }

    /// What so many trees cost, by the accountant alone: ⌊log₂ 4⌋ + 1 = 3 nodes above a leaf.
    private static func epsilon(trees: Int, _ participations: Int = 1) -> Double {
        var accountant = RenyiAccountant()
        let noise = 2 / (Double(participations) * 3.0.squareRoot())
        guard let step = try? SampledGaussian(samplingRate: 1, noiseMultiplier: noise) else { return .nan }
        accountant.add(step, count: trees)
        return accountant.guarantee(delta: 1e-4).epsilon
    }

    /// Counts again, from what the ledger says was released, who was in which tree and what that cost.
    private static func check(_ world: CoordinatorWorld, participations: Int, _ seed: UInt64) throws -> Int {
        let run = CoordinatorWorld.run
        var (released, inTree): (Int, [ClientID: Int]) = (0, [:])
        for end in world.ledger.rounds(of: run) {
            let task = TaskID(run: run, round: end.summary.round, kind: .train)
            let clients = world.ledger.contributions(to: task).map(\.client)
            if end.summary.outcome == .committed {
                if released % 4 == 0 { inTree = [:] }
                released += 1
                for client in clients { inTree[client, default: 0] += 1 }
                #expect(inTree.values.allSatisfy { $0 <= participations }, "seed \(seed), \(task)")
            }
            let spent = try #require(end.summary.privacy)
            let trees = (released + 3) / 4
            if trees == 0 {
                #expect(spent.epsilon == nil)
            } else {
                let wanted = epsilon(trees: trees, participations)
                #expect(abs(try #require(spent.epsilon) - wanted) < 1e-9, "seed \(seed), \(task)")
            }
        }
        let state = try #require(world.ledger.image.runs.first?.privacy?.state)
        #expect(state.participations == inTree, "seed \(seed)")
        #expect(state.ledger.roundCount == (released + 3) / 4, "seed \(seed)")
        #expect(state.tree?.leafCount == (released == 0 ? 0 : (released - 1) % 4 + 1), "seed \(seed)")
        return released
    }

    @Test func theBudgetIsSpentToItsEndAndNoFurtherWhateverHappens() throws {
        var (crashes, abandoned) = (0, 0)
        for seed in 0..<60 as Range<UInt64> {
            var draw = Seed(seed).derived("private").stream()
            var faults = CoordinatorWorld.Faults()
            func strength(_ largest: Double) -> Double { draw.bernoulli(0.6) ? draw.uniform() * largest : 0 }
            faults.crash = strength(0.05)
            faults.storageFailure = strength(0.2)
            faults.lostAnswer = strength(0.3)
            faults.silentClient = strength(0.3)
            faults.badUpdate = strength(0.3)
            faults.failedTask = strength(0.3)
            let participations = 1 + draw.uniform(below: 2)
            let plan = try Self.plan(trees: 2, participations: participations)
            var world = CoordinatorWorld(seed: seed, clients: 16, plan: plan, faults: faults)
            world.play(for: .seconds(2000))
            world.heal()
            world.play(for: .seconds(20_000))
            let (violations, isOver) = (world.violations, world.isOver)
            #expect(violations == [] && isOver, "seed \(seed)")
            let released = try Self.check(world, participations: participations, seed)
            // Rounds that were given up cost nothing: all that the budget covers are released.
            #expect(released == 8, "seed \(seed)")
            let row = try #require(world.ledger.image.runs.first?.row)
            #expect(row.status == .completed && row.ending == .budgetSpent, "seed \(seed)")
            crashes += world.crashes
            abandoned += world.ledger.rounds(of: CoordinatorWorld.run).count { $0.summary.outcome == .abandoned }
        }
        #expect(crashes > 100 && abandoned > 10, "\(crashes), \(abandoned)")
    }

    @Test func clientsHaveTheirShareOfATreeAndNoMoreAlsoAfterAStart() throws {
        var bench = MachineBench()
        let plan = try Self.plan(trees: 1)
        let clients = bench.begin(clients: 7) {
            $0 = plan
            $0.cohort.quorum = .count(3)
        }
        func open(_ bench: MachineBench) -> [ClientID] {
            bench.ledger.image.runs.first?.openRounds.first?.cohort ?? []
        }
        var earlier: Set<ClientID> = []
        for round in 1...2 {
            let cohort = open(bench)
            #expect(cohort.count == 3 && earlier.isDisjoint(with: cohort))
            earlier.formUnion(cohort)
            for client in cohort {
                bench.submit(CoordinatorWorld.digest(UInt64(round * 100) + client.rawValue), by: client, round: round)
            }
            bench.restart()
            for client in clients { bench.poll(client) }
        }
        // One is left of seven, and the run says what it waits for.
        #expect(open(bench).isEmpty)
        guard case .waiting(let what)? = bench.status?.activity else {
            Issue.record("it does not wait")
            return
        }
        #expect(what.contains("tree of noise") && what.contains("6 more"), "\(what)")
    }

    /// Everything that is written goes to its death once before and once after it is on disk.
    @Test func aDeathAtAnyWriteNeitherForgetsNorRepeatsWhatWasSpent() throws {
        for death in 0..<60 {
            var bench = MachineBench()
            let plan = try Self.plan(trees: 1, participations: 4)
            let clients = bench.begin(clients: 3) {
                $0 = plan
                $0.cohort.quorum = .count(3)
            }
            var sums: [RoundNumber: PrivateSum] = [:]
            bench.playToTheEnd(clients, death: death)
            for order in bench.orders {
                let sum = try #require(order.privacy)
                #expect(sums[order.round].map { $0 == sum } ?? true, "death \(death), \(order.round)")
                sums[order.round] = sum
            }
            let ends = bench.ledger.rounds(of: MachineBench.run)
            #expect(ends.count == 4 && ends.allSatisfy { $0.summary.outcome == .committed }, "death \(death)")
            #expect(bench.ledger.image.runs.first?.privacy?.state.ledger.roundCount == 1, "death \(death)")
            #expect(bench.ledger.image.runs.first?.row.ending == .budgetSpent, "death \(death)")
        }
    }

    @Test func aRunThatCannotTellWhatItHasSpentIsNotGoneOnWith() throws {
        var bench = MachineBench()
        let plan = try Self.plan(trees: 2)
        _ = bench.begin(clients: 6) { $0 = plan }
        func notes(_ change: (inout LedgerImage.Run) -> Void) -> [String] {
            var image = bench.ledger.image
            change(&image.runs[0])
            let settings = CoordinatorMachine.Settings()
            let (machine, actions) = CoordinatorMachine.recovering(image, settings: settings, at: bench.now)
            let isThere = machine.status(of: MachineBench.run, at: bench.now) != nil
            return isThere ? [] : actions.compactMap { if case .note(_, let text) = $0 { text } else { nil } }
        }
        #expect(notes { _ in } == [])
        #expect(notes { $0.privacy = nil }.first?.contains("missing or damaged") == true)
        #expect(notes { $0.privacy?.round = RoundNumber(1) }.first?.contains("after round 1") == true)
        let other = try ResolvedPlan(Self.plan(trees: 3), populationSize: 3, isOpen: true)
        let state = try PrivacyState(#require(other.privacy))
        #expect(notes { $0.privacy?.state = state }.first?.contains("another mechanism") == true)
    }

    @Test func theSecretPrintsNowhere() throws {
        var bench = MachineBench()
        let plan = try Self.plan(trees: 2)
        _ = bench.begin(clients: 6) { $0 = plan }
        let row = try #require(bench.ledger.image.runs.first?.privacy)
        let secret = try #require(BlobDigest(bytes: CoordinatorWorld.noiseKey.bytes)).rawValue
        var text = "\(row) \(LedgerEntry.privacy(row)) \(bench.ledger.image)"
        dump(bench.ledger, to: &text)
        dump(row, to: &text)
        let bytes = CoordinatorWorld.noiseKey.bytes.prefix(4).map { "\($0)" }.joined(separator: ", ")
        #expect(!text.contains(secret) && !text.contains(bytes))
    }

    @Test(arguments: [
        ("privacy.mechanism", "sampled:noise=1", "tree"),
        ("privacy.delta", "none", "privacy.delta"), ("cohort.selection", "poisson", "cohort.count"),
        ("cohort.count", "none", "cohort.count"), ("cohort.selection", "all", "cohort.count"),
    ])
    func whatCannotBePromisedOverANetworkIsRefused(field: String, value: String, word: String) throws {
        var plan = try Self.plan(trees: 1)
        #expect(throws: Never.self) { try plan.checkRunsOverNetwork() }
        try plan.set(field, to: value)
        if value == "sampled:noise=1" { plan.cohort.selection = .poisson }
        let error = #expect(throws: PlanError.self) { try plan.checkRunsOverNetwork() }
        #expect(error?.description.contains(word) == true)
    }

    /// The noise that a budget asks for is found once: it stands in the run's plan.
    @Test func noiseByTheBudgetIsSpeltOut() throws {
        var plan = try Self.plan(trees: 2, rounds: 8)
        try plan.set("privacy.mechanism", to: "tree:clip=1,rounds=4")
        let resolved = try ResolvedPlan(plan, populationSize: 3, isOpen: true)
        let found = try #require(resolved.privacy?.noiseMultiplier)
        #expect(abs(found - 2) < 0.001)
        let again = try ResolvedPlan(Plan(text: resolved.plan.text), populationSize: 3, isOpen: true)
        #expect(again.privacy == resolved.privacy)
        #expect(again.plan == resolved.plan)
        #expect(resolved.plan.privacy.mechanism?.description.contains("noise=\(found)") == true)
    }
}
