import TributaryCore

/// What the coordinator has to do, on its way to the loop that does it, in the order in which it may be done.
struct WorkQueue: Sendable {
    private let feed: AsyncStream<CoordinatorAction>.Continuation
    private var lanes = WorkLanes()

    init(_ feed: AsyncStream<CoordinatorAction>.Continuation) {
        self.feed = feed
    }

    /// Pieces of work that were begun or wait.
    var count: Int { lanes.count }

    mutating func add(_ action: CoordinatorAction) {
        if let ready = lanes.add(action) { feed.yield(ready) }
    }

    /// Notes that a piece of work is done.
    mutating func done(_ action: CoordinatorAction) {
        if let next = lanes.done(action) { feed.yield(next) }
    }

    /// Ends the loop that does the work.
    func finish() {
        feed.finish()
    }
}
