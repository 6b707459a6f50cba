/// Virtual time in nanoseconds.
typealias Nanoseconds = Int64

extension Nanoseconds {
    /// So many seconds, at most 30 years.
    static func seconds(_ seconds: Double) -> Nanoseconds {
        Nanoseconds(Swift.min(Swift.max(seconds, 0), 1e9) * 1e9)
    }
}

/// What is to happen at which instant, soonest first: a binary heap.
///
/// What is due at the same instant happens in an order that the seed draws: real machines promise none.
struct EventQueue<Event> {
    private struct Entry {
        var instant: Nanoseconds
        var tie: UInt64
        var event: Event
    }

    private var heap: [Entry] = []

    var count: Int { heap.count }
    /// The soonest instant; nil for an empty queue.
    var next: Nanoseconds? { heap.first?.instant }

    mutating func add(_ event: Event, at instant: Nanoseconds, tie: UInt64) {
        heap.append(Entry(instant: instant, tie: tie, event: event))
        var place = heap.count - 1
        while place > 0, isBefore(place, (place - 1) / 2) {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func takeFirst() -> (instant: Nanoseconds, event: Event)? {
        guard let first = heap.first else { return nil }
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
        return (first.instant, first.event)
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (heap[left].instant, heap[left].tie) < (heap[right].instant, heap[right].tie)
    }
}
