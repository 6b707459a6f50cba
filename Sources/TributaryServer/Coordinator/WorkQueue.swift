import TributaryCore

/// What the coordinator has to do, in the order in which it may be done.
///
/// Work is done side by side, which is what lets many contributions share one write to disk. But rows that replace one
/// another must be written in the order in which they were decided: they go through a lane, one at a time.
struct WorkQueue: Sendable {
    enum Lane: Hashable, Sendable {
        case run(RunID)
        case client(ClientID)
        case pruning(RunID)
    }

    private let feed: AsyncStream<CoordinatorAction>.Continuation
    /// What waits behind the one that is being done, of every lane that is in use.
    private var lanes: [Lane: [CoordinatorAction]] = [:]
    /// Pieces of work that were begun or wait.
    private(set) var count = 0

    init(_ feed: AsyncStream<CoordinatorAction>.Continuation) {
        self.feed = feed
    }

    mutating func add(_ action: CoordinatorAction) {
        count += 1
        if let lane = Self.lane(of: action) {
            if lanes[lane] != nil {
                lanes[lane]?.append(action)
                return
            }
            lanes[lane] = []
        }
        feed.yield(action)
    }

    /// Notes that a piece of work is done.
    mutating func done(_ action: CoordinatorAction) {
        count -= 1
        guard let lane = Self.lane(of: action), var waiting = lanes[lane] else { return }
        guard !waiting.isEmpty else {
            lanes[lane] = nil
            return
        }
        let next = waiting.removeFirst()
        lanes[lane] = waiting
        feed.yield(next)
    }

    /// Ends the loop that does the work.
    func finish() {
        feed.finish()
    }

    private static func lane(of action: CoordinatorAction) -> Lane? {
        if case .prune(let run, _) = action { return .pruning(run) }
        guard case .persist(let batch, _) = action, let entry = batch.first else { return nil }
        switch entry {
        case .client(let row): return .client(row.id)
        case .clientLeft(let client): return .client(client)
        case .run(let row): return .run(row.id)
        case .roundOpened(let row): return .run(row.id.run)
        case .roundEnded(let row): return .run(row.run)
        case .contribution, .evaluation: return nil
        }
    }
}
