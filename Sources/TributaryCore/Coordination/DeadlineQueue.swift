/// What is to happen at which instant, soonest first: a binary heap.
///
/// An entry is never taken out early. Whoever takes it out looks whether it still means anything, which is cheaper than
/// finding it to cancel it.
struct DeadlineQueue<Event: Sendable>: Sendable {
    private var heap: [(instant: Instant, order: UInt64, event: Event)] = []
    private var nextOrder: UInt64 = 0

    /// Entries that were not taken out yet.
    var count: Int { heap.count }

    /// The soonest instant; nil for an empty queue.
    var next: Instant? { heap.first?.instant }

    /// Notes that something is to happen. Of two at the same instant the one noted first comes first.
    mutating func add(_ event: Event, at instant: Instant) {
        heap.append((instant, nextOrder, event))
        nextOrder += 1
        var place = heap.count - 1
        while place > 0, isBefore(place, (place - 1) / 2) {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    /// Takes out the soonest event that is due; nil if none is.
    mutating func takeDue(at now: Instant) -> Event? {
        guard let first = heap.first, first.instant <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var place = 0
        while true {
            let left = 2 * place + 1
            guard left < heap.count else { break }
            let child = left + 1 < heap.count && isBefore(left + 1, left) ? left + 1 : left
            guard isBefore(child, place) else { break }
            heap.swapAt(child, place)
            place = child
        }
        return first.event
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (heap[left].instant, heap[left].order) < (heap[right].instant, heap[right].order)
    }
}
