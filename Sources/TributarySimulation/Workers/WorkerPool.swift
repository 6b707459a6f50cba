import Synchronization
import TributaryCore

/// Worker threads for training and scoring, each with buffers of its own.
///
/// Which worker does which item is left to chance; results come back by item, so nobody can tell.
final class WorkerPool<T: Trainer>: Sendable {
    private let slots: [WorkerSlot<T>]

    init(trainer: T, workerCount: Int) {
        slots = (0..<workerCount).map { _ in WorkerSlot(trainer: trainer) }
    }

    /// Does `work` for every item 0 ..< `count` and returns the results in the items' order.
    func map<Result: Sendable>(
        _ count: Int, _ work: @escaping @Sendable (Int, WorkerSlot<T>) -> Result
    ) async -> [Result] {
        guard count > 0 else { return [] }
        let queue = ItemQueue(count: count)
        return await withTaskGroup(of: [(Int, Result)].self) { group in
            for slot in slots.prefix(count) {
                group.addTask {
                    var results: [(Int, Result)] = []
                    while let item = queue.next() { results.append((item, work(item, slot))) }
                    return results
                }
            }
            var merged = [Result?](repeating: nil, count: count)
            for await results in group {
                for (item, result) in results { merged[item] = result }
            }
            return merged.compactMap { $0 }
        }
    }

    /// Does `work` once with every slot in turn, on the calling thread.
    func forEachSlot(_ work: (WorkerSlot<T>) -> Void) {
        for slot in slots { work(slot) }
    }
}

/// One worker's buffers.
///
/// Unchecked: a slot is used by one child task at a time, because `WorkerPool.map` gives each task a slot of its own and
/// its caller, the federation, makes one call at a time.
final class WorkerSlot<T: Trainer>: @unchecked Sendable {
    /// The trainer's own buffers.
    var workspace: T.Workspace
    /// The local model, then the update.
    var weights: [Float] = []
    /// What this worker has of the open round.
    var gathered = GatheredUpdates()
    /// The same of the method's messages.
    var messageSums: [UpdateSum?] = []
    /// What the method adds to every gradient, and its messages, one after another.
    var (offset, message): ([Float], [Float]) = ([], [])

    init(trainer: T) {
        workspace = trainer.makeWorkspace()
    }

    /// Overwrites the local model in place: a fresh array for every client would cost more than small trainings do.
    func copyWeights(from global: [Float]) {
        guard weights.count == global.count else {
            weights = global
            return
        }
        weights.withUnsafeMutableBufferPointer { target in
            global.withUnsafeBufferPointer { source in _ = target.update(from: source) }
        }
    }
}

/// Hands out 0 ..< count, each number once.
private final class ItemQueue: Sendable {
    private let taken = Atomic(0)
    private let count: Int

    init(count: Int) {
        self.count = count
    }

    func next() -> Int? {
        let item = taken.wrappingAdd(1, ordering: .relaxed).oldValue
        return item < count ? item : nil
    }
}
