import Foundation
import Testing
import TributaryCore
import TributaryMath

/// AFL on the coordinator: λ is of the clients that are there when a round is opened, and is computed here by other means.
@Suite struct AgnosticRunTests {
    private static func plan(_ method: String) throws -> Plan {
        var plan = Plan()
        plan.rounds = 8
        (plan.cohort.selection, plan.cohort.fraction, plan.cohort.quorum) = (.all, nil, .count(2))
        (plan.cohort.deadline, plan.cohort.lease) = (.seconds(60), .seconds(15))
        plan.evaluation.federatedEvery = 0
        try plan.set("strategy.method", to: method)
        return plan
    }

    @Test(arguments: ["afl:rate=0.05", "afl:rate=0.4", "afl:rate=0.5,rule=exponentiated"])
    func lambdaIsThatOfAllCommittedRounds(text: String) throws {
        var (crashes, missing) = (0, 0)
        for seed in 0..<25 as Range<UInt64> {
            var faults = CoordinatorWorld.Faults()
            (faults.crash, faults.storageFailure, faults.silentClient, faults.badUpdate) = (0.03, 0.05, 0.2, 0.2)
            let plan = try Self.plan(text)
            var world = CoordinatorWorld(seed: seed, clients: 9, plan: plan, faults: faults)
            world.play(for: .seconds(1000))
            world.heal()
            world.play(for: .seconds(20_000))
            let (violations, isOver) = (world.violations, world.isOver)
            #expect(violations == [] && isOver, "\(text), seed \(seed)")
            missing += try expectLambda(world, plan, "\(text), seed \(seed)")
            crashes += world.crashes
        }
        #expect(crashes > 10 && missing > 10, "\(crashes) crashes, \(missing) updates that did not come")
    }

    /// Plays the ends of all rounds again; returns how many clients of committed rounds have no update in them.
    private func expectLambda(_ world: CoordinatorWorld, _ plan: Plan, _ comment: Comment) throws -> Int {
        let rule = try #require(try Strategy(plan).method as? AgnosticMethod)
        var (lambda, kept, missing) = (PlainLambda(rate: rule.rate, rule: rule.rule), MethodStateRow?.none, 0)
        for end in world.ledger.rounds(of: CoordinatorWorld.run) {
            let task = TaskID(run: CoordinatorWorld.run, round: end.summary.round, kind: .train)
            let round = try #require(world.ledger.round(task), comment)
            let population = try #require(round.population, comment)
            #expect(round.populationSize == population.count && Set(round.cohort).isSubset(of: population), comment)
            guard end.summary.outcome == .committed else {
                #expect(end.method == kept, comment)
                continue
            }
            lambda.move(to: population)
            let rows = world.ledger.contributions(to: task)
            for row in rows {
                let weight = lambda.values[row.client, default: 0] * 1_048_576
                #expect(row.weight >= 1 && abs(Double(row.weight) - max(1, weight)) < 0.51, comment)
            }
            lambda.learn(rows.map { ($0.client, $0.update.method?.figures.first ?? .nan) })
            missing += population.count - rows.count
            kept = end.method
            #expect(kept?.clients == population, comment)
            let expected = population.map { lambda.values[$0] ?? .nan }
            let found = end.method?.figures ?? []
            #expect(found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-9 }, comment)
        }
        #expect(kept != nil, comment)
        return missing
    }

    private func submit(_ task: TaskID, by client: ClientID, loss: Double, _ bench: inout MachineBench) {
        let update = TrainedUpdate(
            blob: UpdateBlob(CoordinatorWorld.blob(named: CoordinatorWorld.name(task, client))),
            outcome: TrainingOutcome(exampleCount: 1, stepCount: 1, meanLoss: 0),
            method: MethodReport(form: "afl-1", figures: [loss]))
        bench.tell { $0.submitted(.trained(update), for: task, by: client, call: $1, at: $2) }
    }

    private func register(_ client: ClientID, _ bench: inout MachineBench) {
        let registration = CoordinatorMachine.Registration(
            id: client, description: ClientDescription(name: "\(client.rawValue)"),
            key: CoordinatorWorld.digest(client.rawValue), credential: CoordinatorWorld.digest(client.rawValue))
        bench.tell { $0.registering(registration, call: $1, at: $2) }
    }

    /// Plays a round in which these clients report these losses; returns its row.
    private func play(
        _ round: Int, _ losses: KeyValuePairs<UInt64, Double>, _ bench: inout MachineBench
    ) -> RoundRow? {
        let task = TaskID(run: MachineBench.run, round: RoundNumber(round), kind: .train)
        for (client, _) in losses { bench.poll(ClientID(client)) }
        for (client, loss) in losses { submit(task, by: ClientID(client), loss: loss, &bench) }
        return bench.ledger.round(task)
    }

    private func weights(_ round: Int, _ bench: MachineBench) -> [Int] {
        let task = TaskID(run: MachineBench.run, round: RoundNumber(round), kind: .train)
        return bench.ledger.contributions(to: task).map(\.weight)
    }

    private func lambda(after round: Int, _ bench: MachineBench) -> [Double] {
        bench.ledger.rounds(of: MachineBench.run).first { $0.summary.round.rawValue == round }?.method?.figures ?? []
    }

    private func isNear(_ left: [Double], _ right: [Double]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) < 1e-9 }
    }

    @Test func whoComesGetsAShareAndWhoLeavesLeavesItsOwn() throws {
        var bench = MachineBench()
        _ = bench.begin(clients: 3) {
            $0.strategy.method = PartText(name: "afl")
            ($0.rounds, $0.cohort.lease, $0.cohort.deadline) = (5, .seconds(60), .seconds(120))
        }
        register(ClientID(9), &bench)
        // Whoever comes while a round is open is not of that: λ = ⅓ + 0.1 (1, 2, 3) − 0.2.
        _ = play(1, [1: 1, 2: 2, 3: 3], &bench)
        let first = lambda(after: 1, bench)
        #expect(isNear(first, [7.0 / 30, 10.0 / 30, 13.0 / 30]))
        bench.restart()
        // A quarter for the fourth; all have lost as much, so that nothing moves.
        let second = play(2, [1: 1, 2: 1, 3: 1, 9: 1], &bench)
        #expect(second?.population == [1, 2, 3, 9].map { ClientID($0) })
        #expect(weights(2, bench) == [183_501, 262_144, 340_787, 262_144])
        #expect(isNear(lambda(after: 2, bench), [0.175, 0.25, 0.325, 0.25]))
        // The third leaves while a round is open, of which it is all the same; then the others have what it had.
        bench.poll(ClientID(1))
        bench.tell { machine, call, _ in machine.leaving(ClientID(3), call: call) }
        bench.restart()
        _ = play(3, [1: 2, 2: 2, 9: 2], &bench)
        for _ in 0..<300 where lambda(after: 3, bench).isEmpty { bench.wait(.seconds(1)) }
        // Its loss is not known: 0.2 more for the others, and 0.15 less for all.
        #expect(isNear(lambda(after: 3, bench), [0.225, 0.3, 0.175, 0.3]))
        let fourth = play(4, [1: 1, 2: 1, 9: 1], &bench)
        #expect(fourth?.population == [1, 2, 9].map { ClientID($0) })
        #expect(isNear(lambda(after: 4, bench), [0.225 / 0.825, 0.3 / 0.825, 0.3 / 0.825]))
    }

    @Test func anImmenseLossTakesAllOfLambdaAndNoMore() {
        var bench = MachineBench()
        _ = bench.begin(clients: 3) { $0.strategy.method = PartText(name: "afl") }
        _ = play(1, [1: 1, 2: 1e100, 3: 3], &bench)
        #expect(lambda(after: 1, bench) == [0, 1, 0])
        // More than a count of examples may be by default, and a weight all the same.
        _ = play(2, [1: 1, 2: 1, 3: 1], &bench)
        #expect(weights(2, bench) == [1, 1_048_576, 1])
    }

    @Test func beyondTheMostClientsNobodyIsInvited() throws {
        var plan = Plan()
        (plan.cohort.selection, plan.cohort.quorum, plan.live.minClients) = (.all, .count(1), 2)
        plan.cohort.fraction = nil
        plan.strategy.method = PartText(name: "afl")
        let run = RunRow(
            id: MachineBench.run, plan: plan.text, target: ClientTarget(),
            tensors: [TensorShape(name: "w", shape: [4])], initialModel: CoordinatorWorld.blob(named: 0),
            createdAt: Instant(sinceStart: .zero))
        let digest = CoordinatorWorld.digest(1)
        let clients = (0..<10_002 as Range<UInt64>).map { number in
            LedgerEntry.client(
                ClientRow(
                    id: ClientID(number), description: ClientDescription(name: "\(number)"), registrationKey: digest,
                    credential: digest, credentialExpires: Instant(sinceStart: .seconds(1_000_000)),
                    registeredAt: Instant(sinceStart: .zero)))
        }
        var ledger = LedgerContents()
        try ledger.apply(clients + [.run(run)])
        var bench = MachineBench(ledger)
        // The last two are one too many, and do not count as there.
        for client in [10_001, 10_000, 5] as [UInt64] { bench.poll(ClientID(client)) }
        bench.wait(.seconds(1))
        #expect(bench.status?.presentCount == 1)
        bench.poll(ClientID(7))
        bench.wait(.seconds(1))
        let row = bench.ledger.round(TaskID(run: MachineBench.run, round: RoundNumber(1), kind: .train))
        #expect(row?.cohort == [ClientID(5), ClientID(7)])
        #expect(row?.populationSize == 10_000 && row?.population == (0..<10_000).map { ClientID($0) })
    }
}

/// λ by client, as plainly as the paper writes it.
private struct PlainLambda {
    let rate: Double
    let rule: AgnosticMethod.Rule
    var values: [ClientID: Double] = [:]

    /// Those who left are forgotten; who is new has 1/N; the others share the rest in proportion.
    mutating func move(to population: [ClientID]) {
        let stayed = values.filter { population.contains($0.key) }
        let (total, count) = (stayed.values.reduce(0, +), Double(population.count))
        values = [:]
        for client in population {
            let share = stayed[client].map { $0 / total * Double(stayed.count) / count }
            values[client] = total > 0 ? share ?? 1 / count : 1 / count
        }
    }

    mutating func learn(_ losses: [(client: ClientID, loss: Double)]) {
        switch rule {
        case .projection:
            for one in losses { values[one.client, default: 0] += rate * one.loss }
            // The number that leaves 1, by halving: what is left is the less, the larger it is.
            var (low, high) = ((values.values.min() ?? 0) - 1, values.values.max() ?? 0)
            for _ in 0..<200 {
                let middle = (low + high) / 2
                if values.values.reduce(0, { $0 + max(0, $1 - middle) }) > 1 { low = middle } else { high = middle }
            }
            values = values.mapValues { max(0, $0 - low) }
        case .exponentiated:
            for one in losses { values[one.client, default: 0] *= exp(rate * one.loss) }
            let total = values.values.reduce(0, +)
            values = values.mapValues { $0 / total }
        }
    }
}
