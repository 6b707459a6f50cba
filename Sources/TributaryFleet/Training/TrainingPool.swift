import Dispatch

/// The threads that a fleet's clients train on: as many at a time as there are workers, and never a thread that
/// carries calls.
package final class TrainingPool: Sendable {
    private let turnstile: Turnstile
    private let queue = DispatchQueue(label: "tributary.fleet.training", qos: .utility, attributes: .concurrent)

    /// A pool of at least one worker.
    package init(workerCount: Int) {
        turnstile = Turnstile(capacity: workerCount)
    }

    /// Does work that blocks, as soon as a worker is free. Throws what the work throws, or `CancellationError` if the
    /// task was cancelled before its turn; work that has begun goes on to its end.
    package func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let place = try await turnstile.enter()
        defer { turnstile.leave(place) }
        try Task.checkCancellation()
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try work() }) }
        }
    }
}
