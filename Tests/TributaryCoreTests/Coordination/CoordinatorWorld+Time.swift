import TributaryCore
import TributaryMath

/// When things happen.
extension CoordinatorWorld {
    mutating func perform(_ actions: [CoordinatorAction]) {
        for action in actions { schedule(.act(action, epoch: epoch), after: stream.uniform() * 0.02) }
        guard let next = machine.nextDeadline, nextTime.map({ next < $0 }) ?? true else { return }
        nextTime = next
        schedule(.time, after: max(0, now.duration(to: next).inSeconds))
    }

    mutating func schedule(_ event: Event, after seconds: Double) {
        order += 1
        let instant = now.advanced(by: .seconds(seconds))
        let place = queue.partition(before: (instant, order))
        queue.insert((instant, order, event), at: place)
    }

    mutating func takeNext() -> Event? {
        guard !queue.isEmpty else { return nil }
        let next = queue.removeFirst()
        now = max(now, next.instant)
        return next.event
    }

    mutating func call(_ kind: Call) -> CallID {
        nextCall += 1
        let id = CallID(rawValue: nextCall)
        calls[id] = kind
        return id
    }

    mutating func pick(_ window: RetryWindow) -> Double {
        window.earliest.inSeconds + stream.uniform() * (window.latest.inSeconds - window.earliest.inSeconds)
    }
}

extension [(instant: Instant, order: Int, event: CoordinatorWorld.Event)] {
    /// Where an event belongs, by instant and then by order.
    fileprivate func partition(before key: (Instant, Int)) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if (self[middle].instant, self[middle].order) < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
