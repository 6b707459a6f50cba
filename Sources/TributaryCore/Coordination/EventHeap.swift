/// What is to happen at which instant, soonest first: a binary heap.
///
/// Of two events at the same instant the one with the smaller tie comes first: a count keeps the order in which they were
/// added, a random number keeps none. What other modules put into it is specialised there, so its code is open to them; and
/// public, as the compiler does that for no code of the package's own.
public struct EventHeap<Time: Comparable, Event> {
    @usableFromInline struct Entry {
        @usableFromInline var instant: Time
        @usableFromInline var tie: UInt64
        @usableFromInline var event: Event

        @inlinable
        init(instant: Time, tie: UInt64, event: Event) {
            (self.instant, self.tie, self.event) = (instant, tie, event)
        }
    }

    @usableFromInline var entries: [Entry] = []

    /// Nothing is to happen.
    @inlinable
    public init() {}

    /// Events that were not taken out yet.
    @inlinable public var count: Int { entries.count }

    /// The soonest instant; nil for an empty heap.
    @inlinable public var next: Time? { entries.first?.instant }

    /// Notes that something is to happen.
    @inlinable
    public mutating func add(_ event: Event, at instant: Time, tie: UInt64) {
        entries.append(Entry(instant: instant, tie: tie, event: event))
        var place = entries.count - 1
        while place > 0, isBefore(place, (place - 1) / 2) {
            entries.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    /// Takes out the soonest event; nil if there is none.
    @inlinable
    public mutating func takeFirst() -> (instant: Time, event: Event)? {
        guard let first = entries.first else { return nil }
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        var place = 0
        while true {
            let left = 2 * place + 1
            guard left < entries.count else { break }
            let child = left + 1 < entries.count && isBefore(left + 1, left) ? left + 1 : left
            guard isBefore(child, place) else { break }
            entries.swapAt(child, place)
            place = child
        }
        return (first.instant, first.event)
    }

    @inlinable
    func isBefore(_ left: Int, _ right: Int) -> Bool {
        // Of the entries only what is compared is touched: to copy an event may cost more.
        let (first, second) = (entries[left].instant, entries[right].instant)
        return first == second ? entries[left].tie < entries[right].tie : first < second
    }
}

extension EventHeap.Entry: Sendable where Time: Sendable, Event: Sendable {}
extension EventHeap: Sendable where Time: Sendable, Event: Sendable {}
