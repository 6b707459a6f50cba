extension BufferedWork {
    /// Has a client's task stand so, and sees to it that it is looked at in time.
    mutating func set(_ client: ClientID, _ state: Task.State) {
        guard var task = tasks[client] else { return }
        busyCount -= task.isBusy ? 1 : 0
        task.state = state
        busyCount += task.isBusy ? 1 : 0
        tasks[client] = task
        watch(client)
    }

    /// Gives a client a task in place of the last one it had.
    mutating func put(_ task: Task, for client: ClientID) {
        remove(client)
        tasks[client] = task
        busyCount += task.isBusy ? 1 : 0
        watch(client)
    }

    /// Forgets a client's task.
    mutating func remove(_ client: ClientID) {
        guard let task = tasks.removeValue(forKey: client) else { return }
        busyCount -= task.isBusy ? 1 : 0
    }

    private mutating func watch(_ client: ClientID) {
        guard let task = tasks[client] else { return }
        let next: Instant
        switch task.state {
        case .working(let leaseEnds): next = min(leaseEnds, task.closesAt)
        case .lost: next = task.closesAt
        case .invited, .arrived, .answered: return
        }
        if let timer = task.timer, timer <= next { return }
        tasks[client]?.timer = next
        timers.add((task.id, client), at: next)
        // Most tasks end before they are looked at: what is left of them must not pile up.
        if timers.count > 64 + 4 * tasks.count { rebuildTimers() }
    }

    private mutating func rebuildTimers() {
        timers = DeadlineQueue()
        for client in tasks.keys.sorted() {
            tasks[client]?.timer = nil
            watch(client)
        }
    }

    /// Takes the next task that is to be looked at by now; nil if there is none.
    mutating func takeDue(at now: Instant) -> ClientID? {
        while let (id, client) = timers.takeDue(at: now) {
            guard let task = tasks[client], task.id == id, let timer = task.timer, timer <= now else { continue }
            tasks[client]?.timer = nil
            return client
        }
        return nil
    }

    /// What has become of a task that was to be looked at: the cause, if its client has just been lost.
    mutating func looked(at client: ClientID, now: Instant) -> DropCause? {
        guard let task = tasks[client] else { return nil }
        switch task.state {
        case .working(let leaseEnds) where leaseEnds <= now || task.closesAt <= now:
            let cause = task.closesAt <= now ? DropCause.late : .stalled
            participation.dropped[cause, default: 0] += 1
            if task.closesAt <= now { remove(client) } else { set(client, .lost(cause)) }
            return cause
        case .lost where task.closesAt <= now: remove(client)
        case .working, .lost: watch(client)
        case .invited, .arrived, .answered: break
        }
        return nil
    }
}
