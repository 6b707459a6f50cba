import Testing
import TributaryCore
import TributaryMath

/// Selectors and limits on participation on the coordinator: what they go by is on disk, and survives every crash.
@Suite struct NetworkSelectionTests {
    private static func plan(_ change: (inout Plan) throws -> Void) rethrows -> Plan {
        var plan = Plan()
        plan.rounds = 8
        plan.cohort.count = 4
        plan.cohort.fraction = nil
        plan.cohort.quorum = .count(2)
        plan.cohort.deadline = .seconds(60)
        plan.cohort.lease = .seconds(15)
        plan.evaluation.federatedEvery = 0
        try change(&plan)
        return plan
    }

    private static func selection(_ text: String) throws -> CohortSelection {
        .selector(try #require(PartText(planText: text)))
    }

    /// A world in which much goes wrong for a while.
    private func play(_ seed: UInt64, clients: Int, _ plan: Plan) -> CoordinatorWorld {
        var faults = CoordinatorWorld.Faults()
        (faults.crash, faults.storageFailure, faults.silentClient, faults.badUpdate) = (0.03, 0.05, 0.1, 0.1)
        var world = CoordinatorWorld(seed: seed, clients: clients, plan: plan, faults: faults)
        world.play(for: .seconds(1000))
        world.heal()
        world.play(for: .seconds(20_000))
        return world
    }

    /// The cohorts of the rounds that ended, in their order.
    private func cohorts(_ world: CoordinatorWorld) -> [[ClientID]] {
        world.ledger.rounds(of: CoordinatorWorld.run).compactMap { end in
            world.ledger.round(TaskID(run: CoordinatorWorld.run, round: end.summary.round, kind: .train))?.cohort
        }
    }

    @Test(arguments: [
        "proportional", "power-of-choice:candidates=8,loss=last", "power-of-choice:candidates=8", "oort",
    ])
    func whatIsKnownOfClientsIsThatOfAllEndedRounds(text: String) throws {
        for seed in 0..<25 as Range<UInt64> {
            let plan = try Self.plan { $0.cohort.selection = try Self.selection(text) }
            let world = play(seed, clients: 12, plan)
            let (violations, isOver) = (world.violations, world.isOver)
            #expect(violations == [] && isOver, "\(text), seed \(seed)")
            let image = try #require(world.ledger.image.runs.first)
            #expect(image.selection.count == 8)
            var last: [ClientID: SelectionChange.Client] = [:]
            for change in image.selection { for client in change.clients { last[client.id] = client } }
            let invitations = cohorts(world).flatMap(\.self)
            for client in Set(invitations) {
                #expect(last[client]?.invitations == invitations.count { $0 == client }, "\(text), seed \(seed)")
            }
        }
    }

    @Test func aClientIsInvitedNoMoreOftenThanItsCap() throws {
        for seed in 0..<40 as Range<UInt64> {
            let world = play(seed, clients: 20, Self.plan { $0.cohort.participationCap = 2 })
            let invitations = cohorts(world).flatMap(\.self)
            for client in Set(invitations) {
                #expect(invitations.count { $0 == client } <= 2, "seed \(seed)")
            }
            let (violations, isOver) = (world.violations, world.isOver)
            #expect(violations == [] && isOver, "seed \(seed)")
        }
    }

    @Test func aClientRestsForTheGap() throws {
        for seed in 0..<40 as Range<UInt64> {
            let world = play(seed, clients: 20, Self.plan { $0.cohort.participationGap = 3 })
            let cohorts = cohorts(world)
            for (index, cohort) in cohorts.enumerated() {
                for later in cohorts[(index + 1)...].prefix(2) {
                    #expect(Set(cohort).isDisjoint(with: later), "seed \(seed), round \(index + 1)")
                }
            }
            #expect(cohorts.count == 8, "seed \(seed)")
        }
    }

    @Test func aRunWhoseClientsAreUsedUpWaitsAndSaysWhy() throws {
        let plan = Self.plan { plan in
            plan.cohort.participationCap = 1
            plan.cohort.quorum = .count(4)
        }
        var world = CoordinatorWorld(seed: 1, clients: 10, plan: plan)
        world.play(for: .seconds(3000))
        let status = try #require(world.machine.status(of: CoordinatorWorld.run, at: world.now))
        #expect(status.lastRound?.round == RoundNumber(2))
        guard case .waiting(let what) = status.activity else {
            Issue.record("\(status.activity)")
            return
        }
        #expect(what.contains("2 are free (8 more are beyond the limits on participation)"))
    }

    @Test func largeLossesComeFirst() throws {
        let plan = try Self.plan {
            $0.cohort.selection = try Self.selection("power-of-choice:candidates=14,loss=last")
            $0.rounds = 12
            $0.live.minClients = 14
        }
        var world = CoordinatorWorld(seed: 3, clients: 14, plan: plan)
        world.play(for: .seconds(5000))
        let cohorts = cohorts(world)
        #expect(cohorts.count == 12)
        // Four a round: after four rounds everybody has reported, and those with the largest losses come again.
        #expect(Set(cohorts.prefix(4).flatMap(\.self)).count == 14)
        func loss(_ client: ClientID) -> UInt64 { client.rawValue % 7 }
        let largest = Set(cohorts[0..<4].flatMap(\.self)).map(loss).sorted(by: >).prefix(4)
        for cohort in cohorts.dropFirst(5) {
            #expect(cohort.map(loss).reduce(0, +) >= largest.reduce(0, +) / 2)
        }
    }
}
