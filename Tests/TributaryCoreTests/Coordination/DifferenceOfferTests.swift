import Testing
import TributaryCore

/// Which models may go out as differences to which, and to whom.
@Suite struct DifferenceOfferTests {
    /// A bench that has done so many rounds with two clients, and the models of the run so far.
    private func bench(
        rounds: Int, _ download: ModelDownload, keep: Int = 3
    ) throws -> (bench: MachineBench, clients: [ClientID], models: [BlobDigest]) {
        var bench = MachineBench()
        let clients = bench.begin(clients: 2) { plan in
            plan.rounds = 50
            (plan.strategy.download, plan.checkpoint.keep) = (download, keep)
            plan.evaluation.federatedEvery = nil
        }
        var models = [try #require(bench.status?.model.digest)]
        for round in 1...rounds {
            for client in clients {
                let digest = CoordinatorWorld.digest(UInt64(1000 * round) + client.rawValue)
                bench.submit(digest, by: client, round: round)
            }
            models.append(try #require(bench.status?.model.digest))
            for client in clients { bench.poll(client) }
        }
        return (bench, clients, models)
    }

    @Test func toTheFormerModelsThatAreKept() throws {
        let (bench, clients, models) = try bench(rounds: 5, .delta)
        let machine = bench.machine
        #expect(Set(models).count == 6)
        for (place, model) in models.enumerated() {
            let encoding = machine.differenceEncoding(of: models[5], to: model, for: clients[0])
            #expect(encoding == ([3, 4].contains(place) ? .float32 : nil))
            // What the client is not given as a whole it does not get by a difference either.
            if place < 5 {
                #expect(machine.differenceEncoding(of: model, to: models[4], for: clients[0]) == nil)
            }
        }
        #expect(machine.differenceEncoding(of: models[5], to: CoordinatorWorld.digest(5001), for: clients[0]) == nil)
        #expect(machine.differenceEncoding(of: models[5], to: models[4], for: ClientID(77)) == nil)
        #expect(machine.differenceEncoding(of: models[5], to: models[4], for: nil) == .float32)
    }

    @Test func toNoneWithOneModelKept() throws {
        let (bench, clients, models) = try bench(rounds: 3, .delta, keep: 1)
        for model in models {
            #expect(bench.machine.differenceEncoding(of: models[3], to: model, for: clients[0]) == nil)
        }
    }

    @Test func toNoneUnlessThePlanSaysSo() throws {
        let (bench, clients, models) = try bench(rounds: 3, .full)
        for model in models {
            #expect(bench.machine.differenceEncoding(of: models[3], to: model, for: clients[0]) == nil)
        }
    }

    /// After a restart the coordinator knows the newest model alone, until there are others.
    @Test func toNoneRightAfterARestart() throws {
        var (bench, clients, models) = try bench(rounds: 3, .delta)
        bench.restart()
        #expect(bench.machine.differenceEncoding(of: models[3], to: models[2], for: clients[0]) == nil)
    }

    @Test(arguments: ModelDownload.allCases)
    func tasksSayWhetherThereMayBe(download: ModelDownload) throws {
        var (bench, clients, _) = try bench(rounds: 1, download)
        let answer = bench.tell { $0.polled(by: clients[0], waiting: .zero, call: $1, at: $2) }
        guard case .task(let task)? = answer else {
            Issue.record("no task")
            return
        }
        #expect(task.offersDifference == (download == .delta))
    }
}
