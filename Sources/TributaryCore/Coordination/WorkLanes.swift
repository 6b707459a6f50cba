/// The order in which a coordinator's work may be done.
///
/// Work is done side by side, which is what lets many contributions share one write to disk. But rows that replace one
/// another must be written in the order in which they were decided: they go through a lane, one at a time.
package struct WorkLanes: Sendable {
    private enum Lane: Hashable, Sendable {
        case run(RunID)
        case client(ClientID)
        case pruning(RunID)
    }

    /// What waits behind the one that is being done, of every lane that is in use.
    private var lanes: [Lane: [CoordinatorAction]] = [:]
    /// Pieces of work that were begun or wait.
    package private(set) var count = 0

    /// No work.
    package init() {}

    /// Takes in a piece of work; returns it if it may be begun now.
    package mutating func add(_ action: CoordinatorAction) -> CoordinatorAction? {
        count += 1
        guard let lane = Self.lane(of: action) else { return action }
        if lanes[lane] != nil {
            lanes[lane]?.append(action)
            return nil
        }
        lanes[lane] = []
        return action
    }

    /// Notes that a piece of work is done; returns the one that may be begun now in its place.
    package mutating func done(_ action: CoordinatorAction) -> CoordinatorAction? {
        count -= 1
        guard let lane = Self.lane(of: action), var waiting = lanes[lane] else { return nil }
        guard !waiting.isEmpty else {
            lanes[lane] = nil
            return nil
        }
        let next = waiting.removeFirst()
        lanes[lane] = waiting
        return next
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
        case .privacy(let row): return .run(row.run)
        case .contribution, .evaluation: return nil
        }
    }
}
