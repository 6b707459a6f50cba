import Benchmark
import Dispatch
import TributaryCore
import TributarySimulation

/// A federation whatever its trainer: plays one round after another.
///
/// Unchecked: a benchmark asks for one round at a time.
final class RoundSource<T: PoolableTrainer>: Rounds, @unchecked Sendable {
    private var federation: Federation<T>

    init(_ plan: Plan, _ trainer: T, workers: Int) throws {
        federation = try Federation(plan: plan, trainer: trainer, workers: workers)
    }

    func next() async {
        await withTaskExecutorPreference(FreeThreads.shared) { blackHole(await federation.next()) }
    }
}

/// Threads of Dispatch's own. The framework blocks one thread of Swift's pool, which has no more than there are
/// processors, so that workers there would have to do with one less.
private final class FreeThreads: TaskExecutor {
    static let shared = FreeThreads()

    private let queue = DispatchQueue(label: "rounds", attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

protocol Rounds: Sendable {
    func next() async
}

/// Loads a plan's data and begins its run.
func makeRounds(_ plan: Plan, workers: Int) throws -> any Rounds {
    func open(_ trainer: some PoolableTrainer, _ plan: Plan) throws -> any Rounds {
        try RoundSource(plan, trainer, workers: workers)
    }
    let assembly = try Assembly(plan)
    return try open(assembly.trainer, assembly.plan)
}

func measureRounds() {
    for workers in [1, 2] {
        let label = "\(workers) worker\(workers == 1 ? "" : "s")"
        measureRound("W1 round, test every round, \(label)", Plans.w1(), workers: workers)
        measureRound("W1 round, no test, \(label)", Plans.w1(testEvery: 0), workers: workers)
        measureRound("W2 round, test every round, \(label)", Plans.w2(), workers: workers)
        measureRound("W2 round, no test, \(label)", Plans.w2(testEvery: 0), workers: workers)
    }
    measureRound("Round of 1,000 clients with one example each, 1 worker", Plans.tiny(), workers: 1)
    Benchmark("W1 from nothing to the end of round 1, 2 workers", configuration: .init(maxIterations: 5)) { _ in
        try await makeRounds(Plans.w1(), workers: 2).next()
    }
}

private func measureRound(_ name: String, _ plan: Plan, workers: Int) {
    Benchmark(name) { (_, rounds: any Rounds) in
        await rounds.next()
    } setup: {
        try makeRounds(plan, workers: workers)
    }
}
