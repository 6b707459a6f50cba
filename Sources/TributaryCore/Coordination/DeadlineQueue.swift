/// What is to happen at which instant, soonest first.
///
/// An entry is never taken out early. Whoever takes it out looks whether it still means anything, which is cheaper than
/// finding it to cancel it.
struct DeadlineQueue<Event: Sendable>: Sendable {
    private var heap = EventHeap<Instant, Event>()
    private var nextOrder: UInt64 = 0

    /// Entries that were not taken out yet.
    var count: Int { heap.count }

    /// The soonest instant; nil for an empty queue.
    var next: Instant? { heap.next }

    /// Notes that something is to happen. Of two at the same instant the one noted first comes first.
    mutating func add(_ event: Event, at instant: Instant) {
        heap.add(event, at: instant, tie: nextOrder)
        nextOrder += 1
    }

    /// Takes out the soonest event that is due; nil if none is.
    mutating func takeDue(at now: Instant) -> Event? {
        guard let next, next <= now else { return nil }
        return heap.takeFirst()?.event
    }
}
