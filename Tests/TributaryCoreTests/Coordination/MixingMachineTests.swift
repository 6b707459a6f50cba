import Testing
import TributaryCore

/// One fact after the other, where clients' models are mixed into the newest one.
@Suite struct MixingMachineTests: BenchPlay {
    private func bench(clients: Int, _ pacing: String) -> (bench: MachineBench, clients: [ClientID]) {
        bufferedBench(clients: clients, concurrency: clients, pacing) { $0.checkpoint.keep = 1 }
    }

    private let accepted = CoordinatorAnswer.receipt(.accepted, isDuplicate: false, retry: .now)

    @Test func everyUpdateIsAStepFromWhereItStarted() throws {
        var (bench, clients) = bench(clients: 2, "mixing:alpha=0.5,staleness=polynomial,slope=1")
        let slow = try #require(task(of: clients[1], &bench))
        for _ in 1...3 {
            let quick = try #require(task(of: clients[0], &bench))
            #expect(submit(quick.id, by: clients[0], examples: 7, &bench) == accepted)
            #expect(bench.orders.last?.mixing == ModelMixing(shares: [0.5], bases: [quick.model]))
            #expect(bench.orders.last?.base == quick.model)
        }
        #expect(submit(slow.id, by: clients[1], examples: 7, &bench) == accepted)
        let order = try #require(bench.orders.last)
        #expect(order.mixing == ModelMixing(shares: [0.5 / 4], bases: [slow.model]))
        #expect(order.base != slow.model && order.scales.isEmpty && order.meanScale == 1)
        // Examples do not weigh where there is one update to a step.
        #expect(order.contributions.map(\.weight) == [1])
        #expect(bench.status?.lastRound?.staleness == RoundSummary.Staleness(mean: 3, largest: 3))
    }

    @Test func aModelStaysWhileAnUpdateOfItWaitsForItsStepAlsoAfterACrash() throws {
        var (bench, clients) = bench(clients: 3, "mixing")
        // While the run is paused nobody begins: all three begin with the model that it has then.
        let first = try clients.map { try #require(task(of: $0, &bench)) }
        bench.tell { $0.pausing(MachineBench.run, call: $1, at: $2) }
        for (task, client) in zip(first, clients) {
            #expect(submit(task.id, by: client, examples: 7, &bench) == accepted)
        }
        bench.tell { $0.resuming(MachineBench.run, call: $1, at: $2) }
        let tasks = try clients.map { try #require(task(of: $0, &bench)) }
        #expect(tasks.allSatisfy { $0.modelVersion == ModelVersion(3) })
        bench.tell { $0.pausing(MachineBench.run, call: $1, at: $2) }
        _ = bench.takeDone()
        bench.holdsModels = true
        for (task, client) in zip(tasks, clients) {
            #expect(submit(task.id, by: client, examples: 7, &bench) == accepted)
        }
        // All tasks that began with the model are done, and two of their updates wait: it has to be there for both.
        let model = tasks[0].model
        for place in 0..<3 {
            if place == 1 { bench.restart() }
            let order = try #require(bench.orders.last)
            #expect(order.contributions.map(\.client) == [clients[place]])
            #expect(order.mixing?.bases == [model])
            #expect(order.mixing?.shares == [0.6 * StalenessWeight()(place)])
            let isGone = bench.takeDone().contains {
                if case .discard(let gone) = $0 { gone.contains(model.digest) } else { false }
            }
            #expect(!isGone, "before step \(place)")
            bench.make(order)
        }
        #expect(bench.status?.modelVersion == ModelVersion(6))
        let gone = bench.takeDone().flatMap { if case .discard(let gone) = $0 { gone } else { [BlobDigest]() } }
        #expect(gone.contains(model.digest))
    }

    @Test func aPlanThatMixesIsTaken() throws {
        var plan = Plan()
        plan.algorithm = .fedAsync
        #expect(throws: Never.self) { try plan.checkRunsOverNetwork() }
        plan.evaluation.federatedEvery = 2
        #expect(throws: Never.self) { try plan.checkRunsOverNetwork() }
    }
}
