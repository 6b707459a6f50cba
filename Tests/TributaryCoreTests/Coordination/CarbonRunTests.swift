import Testing
import TributaryCore

/// Who is passed over on a coordinator for the carbon of its region.
@Suite struct CarbonRunTests {
    private static let trace = "h\n0,clean,100\n0,dirty,300\n"

    private func plan(_ plan: inout Plan, count: Int, clients: Int, rounds: Int, weight: Double) {
        (plan.cohort.selection, plan.cohort.count, plan.cohort.quorum) = (.uniform, count, .count(count))
        (plan.rounds, plan.live.minClients, plan.evaluation.federatedEvery) = (rounds, clients, nil)
        (plan.cohort.deadline, plan.cohort.lease) = (.seconds(600), .seconds(300))
        (plan.energy.trace, plan.energy.carbonWeight) = ("t", weight)
    }

    /// The cohorts of all rounds; all clients do their work and ask again.
    private func cohorts(
        _ regions: [String], count: Int, rounds: Int, weight: Double, isCounted: Bool = true
    ) throws -> [[ClientID]] {
        var bench = MachineBench()
        let said = regions.map { EnergyStatement(region: $0) }
        let clients = bench.begin(clients: said.count, carbonTrace: isCounted ? Self.trace : nil, energy: said) {
            plan in
            self.plan(&plan, count: count, clients: said.count, rounds: rounds, weight: weight)
            if !isCounted { plan.energy = Plan.Energy() }
        }
        let places = Dictionary(uniqueKeysWithValues: zip(clients, said))
        return try (1...rounds).map { round in
            let task = TaskID(run: MachineBench.run, round: RoundNumber(round), kind: .train)
            let cohort = try #require(bench.ledger.round(task)?.cohort, "round \(round)")
            for client in cohort {
                bench.submit(CoordinatorWorld.digest(UInt64(round * 1000) + client.rawValue), by: client, round: round)
            }
            for client in clients { bench.poll(client, places[client] ?? EnergyStatement()) }
            return cohort
        }
    }

    @Test func dirtyRegionsAreLeftOutWhileThereAreOthers() throws {
        let regions = (0..<12).map { ["clean", "dirty", "unheard of"][$0 % 3] }
        func clients(_ region: String) -> Set<ClientID> {
            Set(regions.indices.filter { regions[$0] == region }.map { ClientID(UInt64($0 + 1)) })
        }
        for cohort in try cohorts(regions, count: 4, rounds: 5, weight: 1e6) {
            #expect(Set(cohort) == clients("clean") && cohort == cohort.sorted())
        }
        // Places that are left are filled by who is the nearest to being considered: an unknown region is in the mean.
        for cohort in try cohorts(regions, count: 6, rounds: 5, weight: 1e6) {
            #expect(cohort.count == 6 && clients("clean").isSubset(of: cohort))
            #expect(clients("dirty").isDisjoint(with: cohort) && cohort == cohort.sorted())
        }
    }

    @Test func aDirtyRegionTakesPartAsOftenAsItsProbabilitySays() throws {
        let regions = (0..<120).map { ["clean", "dirty"][$0 % 2] }
        let cohorts = try cohorts(regions, count: 12, rounds: 40, weight: 0.7)
        let dirty = cohorts.joined().count { $0.rawValue % 2 == 0 }
        // x = 1: with exp(−0.7) = 0.497 it is considered, so that 0.497 / 1.497 of those who are drawn are of it. Five
        // deviations of a share of 480 are 0.11.
        #expect(abs(Double(dirty) / 480 - 0.3318) < 0.11)
    }

    @Test func withoutWeightTheSelectionIsWhatItWouldBe() throws {
        let regions = (0..<12).map { ["clean", "dirty"][$0 % 2] }
        let plain = try cohorts(regions, count: 4, rounds: 4, weight: 0, isCounted: false)
        #expect(try cohorts(regions, count: 4, rounds: 4, weight: 0) == plain)
        #expect(try cohorts(regions.map { _ in "clean" }, count: 4, rounds: 1, weight: 0) == Array(plain.prefix(1)))
    }

    /// Whoever has registered and not asked for a task yet has not said where it is.
    @Test func nobodyIsChosenBeforeItCouldSayWhereItIs() {
        var bench = MachineBench()
        _ = bench.begin(clients: 1, carbonTrace: Self.trace, energy: [EnergyStatement(region: "dirty")]) { plan in
            self.plan(&plan, count: 1, clients: 2, rounds: 1, weight: 1)
        }
        let registration = CoordinatorMachine.Registration(
            id: ClientID(2), description: ClientDescription(name: "2"), key: CoordinatorWorld.digest(2),
            credential: CoordinatorWorld.digest(2))
        bench.tell { $0.registering(registration, call: $1, at: $2) }
        let task = TaskID(run: MachineBench.run, round: RoundNumber(1), kind: .train)
        #expect(bench.ledger.round(task) == nil)
        bench.poll(ClientID(2), EnergyStatement(region: "clean"))
        #expect(bench.ledger.round(task)?.cohort.count == 1)
    }
}
