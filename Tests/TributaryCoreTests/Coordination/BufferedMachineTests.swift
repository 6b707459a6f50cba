import Testing
import TributaryCore

/// One fact after the other, where the model moves as updates come.
@Suite struct BufferedMachineTests: BenchPlay {
    private func receipt(_ answer: RoundMachine.Answer, isDuplicate: Bool = false) -> CoordinatorAnswer {
        .receipt(answer, isDuplicate: isDuplicate, retry: .now)
    }

    @Test func aClientThatIsDoneWaitsForNobody() throws {
        var (bench, clients) = bufferedBench(clients: 3, concurrency: 3, "buffered:goal=10")
        var seeds: Set<UInt64> = []
        for turn in 1...4 {
            let task = try #require(task(of: clients[0], &bench))
            #expect(task.id.round == RoundNumber(1) && task.modelVersion == ModelVersion(0))
            seeds.insert(task.seed)
            #expect(submit(task.id, by: clients[0], &bench) == receipt(.accepted))
            #expect(bench.status?.contributionCount == turn)
        }
        #expect(seeds.count == 4, "the same work would be done again")
        #expect(task(of: clients[1], &bench) != nil)
    }

    @Test func theModelMovesAtTheGoalAndOldTasksGoOn() throws {
        var (bench, clients) = bufferedBench(clients: 2, concurrency: 2, "buffered:goal=1") { $0.checkpoint.keep = 1 }
        let first = try #require(task(of: clients[0], &bench))
        #expect(submit(first.id, by: clients[0], &bench) == receipt(.accepted))
        // The slow one begins with the first model, and is there still when there are three more.
        let slow = try #require(task(of: clients[1], &bench))
        for version in 1...3 {
            let quick = try #require(task(of: clients[0], &bench))
            #expect(quick.modelVersion == ModelVersion(version))
            #expect(submit(quick.id, by: clients[0], &bench) == receipt(.accepted))
        }
        #expect(slow.modelVersion == ModelVersion(0))
        #expect(bench.machine.mayRead(slow.model.digest, clients[1]))
        let goesOn = bench.heartbeat(by: clients[1], slow.id)
        #expect(goesOn)
        #expect(submit(slow.id, by: clients[1], &bench) == receipt(.accepted))
        let order = try #require(bench.orders.last)
        #expect(order.contributions.map(\.task) == [slow.id] && order.scales == [0.4472135954999579])
        let summary = try #require(bench.status?.lastRound)
        #expect(summary.modelVersion == ModelVersion(5))
        #expect(summary.staleness == RoundSummary.Staleness(mean: 4, largest: 4))
    }

    @Test func aModelStaysWhileSomebodyWorksOnIt() throws {
        var (bench, clients) = bufferedBench(clients: 2, concurrency: 2, "buffered:goal=1") { $0.checkpoint.keep = 1 }
        for client in clients {
            let task = try #require(task(of: client, &bench))
            _ = submit(task.id, by: client, &bench)
        }
        let slow = try #require(task(of: clients[1], &bench))
        #expect(slow.modelVersion == ModelVersion(2))
        func discarded() -> Bool {
            bench.takeDone().contains {
                if case .discard(let gone) = $0 { gone.contains(slow.model.digest) } else { false }
            }
        }
        for _ in 0..<3 {
            let quick = try #require(task(of: clients[0], &bench))
            _ = submit(quick.id, by: clients[0], &bench)
        }
        #expect(!discarded())
        bench.restart()
        #expect(bench.machine.mayRead(slow.model.digest, clients[1]))
        #expect(submit(slow.id, by: clients[1], &bench) == receipt(.accepted))
        let quick = try #require(task(of: clients[0], &bench))
        _ = submit(quick.id, by: clients[0], &bench)
        #expect(discarded())
    }

    @Test func whatIsTooOldDoesNotCount() throws {
        var (bench, clients) = bufferedBench(clients: 2, concurrency: 2, "buffered:goal=1,limit=1")
        let slow = try #require(task(of: clients[1], &bench))
        for step in 1...2 {
            let isAtWork = bench.heartbeat(by: clients[1], slow.id)
            #expect(isAtWork, "before step \(step)")
            let quick = try #require(task(of: clients[0], &bench))
            #expect(submit(quick.id, by: clients[0], &bench) == receipt(.accepted))
        }
        let goesOn = bench.heartbeat(by: clients[1], slow.id)
        #expect(!goesOn)
        #expect(submit(slow.id, by: clients[1], &bench) == receipt(.late))
        let fresh = try #require(task(of: clients[1], &bench))
        #expect(fresh.modelVersion == ModelVersion(2))
        #expect(submit(fresh.id, by: clients[1], &bench) == receipt(.accepted))
        #expect(bench.status?.lastRound?.participation.dropped == [.stale: 1])
    }

    @Test func noMoreAreAtWorkThanThereArePlaces() throws {
        var (bench, clients) = bufferedBench(clients: 5, concurrency: 2, "buffered:goal=3")
        let working = clients.filter { task(of: $0, &bench) != nil }
        #expect(working.count == 2)
        // Two vanish, and others take their places; an update of theirs that comes all the same counts.
        let lost = try #require(task(of: working[0], &bench))
        bench.wait(.seconds(25))
        for client in clients where !working.contains(client) { bench.poll(client) }
        bench.wait(.seconds(10))
        let others = clients.filter { !working.contains($0) && bench.machine.mayRead(lost.model.digest, $0) }
        #expect(others.count == 2)
        let goesOn = bench.heartbeat(by: working[0], lost.id)
        #expect(!goesOn)
        #expect(submit(lost.id, by: working[0], &bench) == receipt(.accepted))
    }

    @Test func aRepetitionGetsTheFirstAnswerAndCountsOnce() throws {
        var (bench, clients) = bufferedBench(clients: 2, concurrency: 2, "buffered:goal=2")
        let task = try #require(task(of: clients[0], &bench))
        #expect(submit(task.id, by: clients[0], &bench) == receipt(.accepted))
        #expect(submit(task.id, by: clients[0], &bench) == receipt(.accepted, isDuplicate: true))
        // Given the next task, and after a start, it is looked up.
        _ = self.task(of: clients[0], &bench)
        #expect(submit(task.id, by: clients[0], &bench) == receipt(.accepted, isDuplicate: true))
        bench.restart()
        #expect(submit(task.id, by: clients[0], &bench) == receipt(.accepted, isDuplicate: true))
        #expect(bench.status?.contributionCount == 1)
        let unknown = TaskID(run: MachineBench.run, round: RoundNumber(1), kind: .train, wave: 99)
        #expect(submit(unknown, by: clients[0], &bench) == receipt(.late))
    }

    @Test func whatComesWhileAModelIsMadeCountsInTheNextAlsoAfterACrash() throws {
        var (bench, clients) = bufferedBench(clients: 3, concurrency: 3, "buffered:goal=1")
        bench.holdsModels = true
        let tasks = try clients.map { try #require(task(of: $0, &bench)).id }
        for place in 0..<2 { #expect(submit(tasks[place], by: clients[place], &bench) == receipt(.accepted)) }
        #expect(bench.orders.map { $0.contributions.map(\.client) } == [[clients[0]]])
        // The machine dies before the first model is made: both updates are made into models, each into its own.
        bench.restart()
        let order = try #require(bench.orders.last)
        #expect(order.round == RoundNumber(1) && order.contributions.map(\.client) == [clients[0]])
        bench.make(order)
        let next = try #require(bench.orders.last)
        #expect(next.round == RoundNumber(2) && next.contributions.map(\.client) == [clients[1]])
        #expect(next.scales == [StalenessWeight()(1)])
        bench.make(next)
        #expect(bench.status?.modelVersion == ModelVersion(2))
        #expect(submit(tasks[2], by: clients[2], &bench) == receipt(.accepted))
    }

    @Test func nobodyIsInvitedWhileMoreWaitsThanTheNextStepTakes() throws {
        var (bench, clients) = bufferedBench(clients: 6, concurrency: 2, "buffered:goal=1")
        bench.holdsModels = true
        var accepted = 0
        for client in clients + clients {
            guard let task = task(of: client, &bench) else { continue }
            accepted += submit(task.id, by: client, &bench) == receipt(.accepted) ? 1 : 0
        }
        #expect((2...4).contains(accepted), "\(accepted) updates wait for models")
    }

    @Test func aStopGivesUpWhatCannotBecomeAStep() throws {
        var (bench, clients) = bufferedBench(clients: 2, concurrency: 2, "buffered:goal=5")
        let task = try #require(task(of: clients[0], &bench))
        #expect(submit(task.id, by: clients[0], &bench) == receipt(.accepted))
        let answer = bench.tell { $0.stopping(MachineBench.run, call: $1, at: $2) }
        #expect(answer != nil)
        #expect(bench.status?.row.status == .stopped)
        #expect(bench.ledger.rounds(of: MachineBench.run).map(\.summary.outcome) == [.abandoned])
        #expect(submit(task.id, by: clients[0], &bench) == receipt(.accepted, isDuplicate: true))
    }

    @Test func aStopWaitsForThoseWhoCanStillFillTheStep() throws {
        var (bench, clients) = bufferedBench(clients: 2, concurrency: 2, "buffered:goal=2")
        let tasks = try clients.map { try #require(task(of: $0, &bench)).id }
        #expect(submit(tasks[0], by: clients[0], &bench) == receipt(.accepted))
        bench.tell { $0.stopping(MachineBench.run, call: $1, at: $2) }
        #expect(bench.status?.row.status == .active)
        #expect(submit(tasks[1], by: clients[1], &bench) == receipt(.accepted))
        #expect(bench.status?.row.status == .stopped)
        #expect(bench.ledger.rounds(of: MachineBench.run).map(\.summary.outcome) == [.committed])
    }

    @Test func onlyTheLastModelIsScoredByClients() throws {
        var (bench, clients) = bufferedBench(clients: 2, concurrency: 2, "buffered:goal=1") {
            ($0.rounds, $0.evaluation.federatedEvery) = (1, 0)
        }
        let tasks = try clients.map { try #require(task(of: $0, &bench)).id }
        #expect(submit(tasks[0], by: clients[0], &bench) == receipt(.accepted))
        for client in clients {
            let task = try #require(task(of: client, &bench))
            #expect(task.id == TaskID(run: MachineBench.run, round: RoundNumber(1), kind: .evaluate))
            #expect(bench.score(by: client, round: 1) == receipt(.accepted))
        }
        #expect(bench.status?.row.status == .completed)
        #expect(submit(tasks[1], by: clients[1], &bench) == receipt(.late))
    }

    /// A place is free all the time, and nobody else is there to take it.
    @Test(arguments: [DropCause.declined, .failed, .noData])
    func whoGaveItsTaskBackIsNotGivenItAgain(cause: DropCause) throws {
        var (bench, clients) = bufferedBench(clients: 2, concurrency: 2, "buffered:goal=2")
        let first = try #require(task(of: clients[0], &bench))
        bench.tell { $0.gaveBack(first.id, by: clients[0], cause: cause, call: $1, at: $2) }
        let goesOn = bench.heartbeat(by: clients[0], first.id)
        #expect(!goesOn)
        for _ in 0..<4 {
            #expect(task(of: clients[0], &bench) == nil)
            bench.wait(.seconds(2))
        }
        bench.wait(.seconds(3))
        let second = task(of: clients[0], &bench)
        #expect((second == nil) == (cause == .noData))
        #expect(second?.id != first.id)
        // Everybody else takes a step; then there is another model.
        for _ in 0..<2 {
            let other = try #require(task(of: clients[1], &bench))
            #expect(submit(other.id, by: clients[1], &bench) == receipt(.accepted))
        }
        #expect(bench.status?.modelVersion == ModelVersion(1))
        #expect(task(of: clients[0], &bench) != nil)
    }

    @Test func aTasksNameSaysItsWave() {
        let run = MachineBench.run
        for task in [
            TaskID(run: run, round: RoundNumber(3), kind: .train),
            TaskID(run: run, round: RoundNumber(3), kind: .train, wave: 12),
        ] {
            #expect(TaskID(task.description) == task)
        }
        #expect(TaskID(run: run, round: RoundNumber(3), kind: .train, wave: 12).description == "world/3/train/12")
        for text in ["world/3/train/0", "world/3/train/-1", "world/3/train/", "world/3/train/x", "world/3/train/1/1"] {
            #expect(TaskID(text) == nil)
        }
    }
}
