import Testing
import TributaryCore
import TributaryMath

/// Power-of-choice with exact losses on the coordinator: candidates are drawn by size, say their loss, and those with the
/// largest are invited. Who that is, is computed here from the draw and what was said.
@Suite struct ExactChoiceTests {
    private static let candidateCount = 5

    private static func plan(_ plan: inout Plan) {
        plan.cohort.selection = PartText(planText: "power-of-choice:candidates=5").map { .selector($0) } ?? .uniform
        (plan.cohort.count, plan.cohort.quorum) = (2, .count(2))
        (plan.cohort.deadline, plan.cohort.lease, plan.live.askDeadline) = (.seconds(60), .seconds(15), .seconds(8))
        (plan.evaluation.federatedEvery, plan.rounds) = (nil, 20)
    }

    private func begin(
        clients: Int = 9, _ change: (inout Plan) -> Void = { _ in }
    ) -> (bench: MachineBench, clients: [ClientID]) {
        var bench = MachineBench()
        bench.measuresLoss = true
        let clients = bench.begin(clients: clients) {
            Self.plan(&$0)
            change(&$0)
        }
        return (bench, clients)
    }

    /// The candidates for a round, in the order of the draw: each with a chance in proportion to n_k.
    private func drawn(_ round: Int, of clients: [ClientID], sizes: [ClientID: Int] = [:]) -> [ClientID] {
        let total = sizes.values.reduce(0, +)
        let usual = sizes.isEmpty ? 1 : max(1, Int((Double(total) / Double(sizes.count)).rounded()))
        var stream = Seed(Plan().seed).derived("cohort", UInt64(round)).stream()
        return WeightedDraw.proportional(
            Self.candidateCount, of: clients, weight: { Double(sizes[$0] ?? usual) }, random: &stream)
    }

    /// Those of the candidates with the largest losses; the first of the draw where they are the same.
    private func largest(_ candidates: [ClientID], count: Int = 2, _ loss: (ClientID) -> Double) -> [ClientID] {
        let order = candidates.enumerated().sorted { left, right in
            let (first, second) = (loss(left.element), loss(right.element))
            return first == second ? left.offset < right.offset : first > second
        }
        return order.prefix(count).map(\.element).sorted()
    }

    /// A loss that several clients share.
    private func loss(_ client: ClientID, _ round: Int) -> Double {
        Double((client.rawValue * 7 + UInt64(round) * 5) % 4)
    }

    private func task(_ round: Int, _ kind: TaskKind) -> TaskID {
        TaskID(run: MachineBench.run, round: RoundNumber(round), kind: kind)
    }

    private func cohort(_ bench: MachineBench, _ round: Int = 1) -> [ClientID]? {
        bench.ledger.round(task(round, .train))?.cohort
    }

    /// All clients ask for a task; those who are given one that measures.
    private func asked(_ bench: inout MachineBench, _ clients: [ClientID], round: Int = 1) -> [ClientID] {
        clients.filter { client in
            guard case .task(let given)? = bench.poll(client) else { return false }
            return given.id == task(round, .measure) && given.solver == nil
        }
    }

    @discardableResult
    private func say(
        _ loss: Double, _ client: ClientID, _ bench: inout MachineBench, round: Int = 1
    ) -> CoordinatorAnswer? {
        let id = task(round, .measure)
        return bench.tell { $0.submitted(.measured(loss: loss), for: id, by: client, call: $1, at: $2) }
    }

    private func receipt(_ answer: RoundMachine.Answer) -> CoordinatorAnswer {
        .receipt(answer, isDuplicate: false, retry: .now)
    }

    /// The cohort of a round fetches its task and hands in an update.
    private func train(_ bench: inout MachineBench, round: Int, size: (ClientID) -> Int) throws {
        for client in try #require(cohort(bench, round)) {
            guard case .task(let given)? = bench.poll(client) else {
                Issue.record("\(client) has no task")
                continue
            }
            let update = TrainedUpdate(
                blob: UpdateBlob(CoordinatorWorld.blob(named: CoordinatorWorld.name(given.id, client))),
                outcome: TrainingOutcome(exampleCount: size(client), stepCount: 1, meanLoss: 1))
            let answer = bench.tell { $0.submitted(.trained(update), for: given.id, by: client, call: $1, at: $2) }
            #expect(answer == receipt(.accepted))
        }
    }

    @Test func thoseWithTheLargestLossesOfAllCandidatesAreInvited() throws {
        var (bench, clients) = begin()
        var sizes: [ClientID: Int] = [:]
        for round in 1...6 {
            let candidates = drawn(round, of: clients, sizes: sizes)
            let given = asked(&bench, clients, round: round)
            #expect(given == candidates.sorted() && given.count == Self.candidateCount, "round \(round)")
            for client in given {
                #expect(cohort(bench, round) == nil)
                #expect(say(loss(client, round), client, &bench, round: round) == receipt(.accepted))
            }
            let expected = largest(candidates) { loss($0, round) }
            #expect(cohort(bench, round) == expected, "round \(round)")
            try train(&bench, round: round) { Int($0.rawValue) * 10 }
            for client in expected { sizes[client] = Int(client.rawValue) * 10 }
            let summary = try #require(bench.status?.lastRound)
            #expect(summary.round == RoundNumber(round) && summary.participation.invited == 2)
            // Each candidate was sent the model of four numbers, and those who train from it count once.
            #expect(summary.traffic.bytesDown == Self.candidateCount * 16)
        }
        #expect(bench.ledger.image.runs.first?.openRounds.isEmpty == true)
    }

    @Test func whoDoesNotAnswerInTimeIsPassedOver() throws {
        var (bench, clients) = begin { $0.live.minClients = 6 }
        // The round was looked at when the sixth came.
        let candidates = drawn(1, of: Array(clients.prefix(6)))
        let given = asked(&bench, clients)
        #expect(given == candidates.sorted())
        let silent = given.prefix(2)
        for client in given.dropFirst(2) {
            say(loss(client, 1), client, &bench)
            bench.poll(client)
        }
        #expect(cohort(bench) == nil)
        bench.wait(.seconds(9))
        let answered = candidates.filter { !silent.contains($0) }
        #expect(cohort(bench) == largest(answered) { loss($0, 1) })
        // Late is late, and no reason to invite another.
        #expect(say(100, silent[0], &bench) == receipt(.late))
    }

    @Test func tooFewAnswersAreFilledUpInTheOrderOfTheDraw() {
        var (bench, clients) = begin()
        let candidates = drawn(1, of: clients)
        let (id, only) = (task(1, .measure), candidates[3])
        #expect(asked(&bench, clients) == candidates.sorted())
        say(0.25, only, &bench)
        for client in candidates where client != only {
            #expect(cohort(bench) == nil)
            bench.tell { $0.gaveBack(id, by: client, cause: .declined, call: $1, at: $2) }
        }
        #expect(cohort(bench) == [only, candidates[0]].sorted())
    }

    @Test func aLossThatIsNoNumberIsRefused() {
        for loss in [Double.nan, .infinity, -.infinity] {
            var (bench, clients) = begin()
            let given = asked(&bench, clients)
            #expect(say(loss, given[0], &bench) == receipt(.refused(.notFinite)))
            for client in given.dropFirst() { say(1, client, &bench) }
            #expect(cohort(bench)?.contains(given[0]) == false)
        }
    }

    @Test func aLossIsNoAnswerToAnotherTask() throws {
        var (bench, clients) = begin()
        for client in asked(&bench, clients) { say(1, client, &bench) }
        let client = try #require(cohort(bench)?.first)
        let id = task(1, .train)
        bench.poll(client)
        let answer = bench.tell { $0.submitted(.measured(loss: 1), for: id, by: client, call: $1, at: $2) }
        #expect(answer == receipt(.refused(.wrongSchema)))
    }

    @Test func clientsThatDoNotKnowTheTaskAreNotAsked() {
        var bench = MachineBench()
        let clients = bench.begin(clients: 9) {
            Self.plan(&$0)
            $0.live.minClients = 4
        }
        let what = "clients that say their loss before they are invited: 0 of the 4 it needs are there"
        #expect(bench.status?.activity == .waiting(what))
        bench.measuresLoss = true
        let able = Array(clients.suffix(4))
        for client in able { bench.poll(client) }
        #expect(asked(&bench, able) == able)
        bench.measuresLoss = false
        #expect(asked(&bench, Array(clients.prefix(5))).isEmpty)
    }

    @Test func aLostAskIsMadeAgain() throws {
        var (bench, clients) = begin()
        let candidates = drawn(1, of: clients)
        let given = asked(&bench, clients)
        for client in given.dropLast() { say(9, client, &bench) }
        bench.restart()
        #expect(say(9, given[4], &bench) == receipt(.late))
        #expect(bench.heartbeat(by: given[4], task(1, .measure)) == false)
        #expect(bench.ledger.image.runs.first?.openRounds.isEmpty == true)
        for client in clients { bench.poll(client) }
        // The same draw about the same model; what was said before is forgotten.
        #expect(asked(&bench, clients) == candidates.sorted())
        for client in given { say(loss(client, 1), client, &bench) }
        #expect(cohort(bench) == largest(candidates) { loss($0, 1) })
        bench.restart()
        #expect(cohort(bench) == largest(candidates) { loss($0, 1) })
        try train(&bench, round: 1) { _ in 1 }
        #expect(bench.status?.lastRound?.round == RoundNumber(1))
    }

    @Test func aPauseOrAStopEndsTheAsk() {
        var (bench, clients) = begin()
        let given = asked(&bench, clients)
        say(1, given[0], &bench)
        bench.tell { $0.pausing(MachineBench.run, call: $1, at: $2) }
        #expect(bench.status?.activity == .paused)
        #expect(bench.heartbeat(by: given[1], task(1, .measure)) == false)
        #expect(say(1, given[1], &bench) == receipt(.late))
        bench.tell { $0.resuming(MachineBench.run, call: $1, at: $2) }
        for client in clients { bench.poll(client) }
        #expect(asked(&bench, clients) == given)
        bench.tell { $0.stopping(MachineBench.run, call: $1, at: $2) }
        #expect(bench.status?.activity == .stopped)
        #expect(cohort(bench) == nil)
    }

    @Test func candidatesAreNotTakenByOtherRuns() throws {
        var (bench, clients) = begin()
        let given = asked(&bench, clients)
        say(1, given[0], &bench)
        let other = try #require(RunID(rawValue: "other"))
        var plan = Plan()
        (plan.cohort.selection, plan.cohort.quorum, plan.live.minClients) = (.all, .count(1), 1)
        let row = RunRow(
            id: other, plan: plan.text, target: ClientTarget(), tensors: [TensorShape(name: "w", shape: [4])],
            initialModel: CoordinatorWorld.blob(named: 0), createdAt: bench.now)
        bench.tell { $0.creating(row, call: $1, at: $2) }
        let cohort = bench.ledger.round(TaskID(run: other, round: RoundNumber(1), kind: .train))?.cohort
        #expect(cohort == clients.filter { !given.contains($0) })
        for client in given.dropFirst() { say(loss(client, 1), client, &bench) }
        #expect(self.cohort(bench)?.count == 2)
    }

    @Test func beingAskedIsNotBeingInvited() throws {
        var (bench, clients) = begin { $0.cohort.participationCap = 1 }
        var invited: [ClientID] = []
        for round in 1...4 {
            let eligible = clients.filter { !invited.contains($0) }
            for client in asked(&bench, clients, round: round) {
                #expect(eligible.contains(client))
                say(loss(client, round), client, &bench, round: round)
            }
            let cohort = try #require(self.cohort(bench, round))
            #expect(cohort.count == 2 && Set(cohort).isDisjoint(with: invited))
            invited += cohort
            try train(&bench, round: round) { _ in 5 }
        }
    }

    @Test func nobodyIsAskedWhereAllCandidatesAreInvited() {
        var (bench, clients) = begin {
            $0.cohort.selection = PartText(planText: "power-of-choice:candidates=2").map { .selector($0) } ?? .uniform
        }
        #expect(asked(&bench, clients).isEmpty)
        #expect(cohort(bench)?.count == 2)
    }

    @Test func aDamagedModelEndsTheAskAndTheRun() {
        var (bench, clients) = begin()
        let given = asked(&bench, clients)
        bench.condition = .damaged("its bytes are others")
        let id = task(1, .measure)
        bench.tell { $0.gaveBack(id, by: given[0], cause: .failed, call: $1, at: $2) }
        #expect(bench.status?.activity == .failed("its bytes are others"))
        #expect(cohort(bench) == nil)
    }
}
