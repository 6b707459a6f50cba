import TributaryCore

/// Bounds: no round stays open beyond its end, and nothing grows without bound.
extension Checks {
    /// How late a timer may be: the time that work on its way takes.
    private static let grace = Duration.seconds(1)

    /// No round waits for clients that have all been silent for longer than their leases.
    private mutating func inspectLeases(_ machine: CoordinatorMachine, at now: Instant) {
        let isDue = machine.nextDeadline.map { $0 <= now } ?? false
        for run in runs.keys where !isDue {
            guard let place = machine.place(of: run), place.phase == .collecting, let working = place.working else {
                continue
            }
            require(
                working.latestLease.advanced(by: Self.grace) >= now, "leases",
                "\(run) waits for \(working.count) clients whose leases ended by \(working.latestLease)")
        }
    }

    /// Looks at the machine after an event.
    mutating func inspect(_ machine: CoordinatorMachine, at now: Instant, world: World) {
        for run in runs.keys {
            guard let place = machine.place(of: run), let closesAt = place.closesAt else { continue }
            // Timers are due by now or were just set; a pause was over only at this instant.
            let isLate = place.phase == .collecting && closesAt.advanced(by: Self.grace) < now
            require(
                !isLate || machine.nextDeadline.map { $0 <= now } ?? false, "deadlines",
                "\(run) still collects after its round's end")
        }
        inspectLeases(machine, at: now)
        let kept = machine.footprint
        let clients = world.scenario.clientCount
        let open = world.coordinator.process?.calls.count ?? 0
        // Changes of clients, changes of each run, results and what a round itself writes: callers may be gone by then.
        let most = (1 + runs.count) * world.scenario.settings.changeLimit + (clients + 8) * runs.count
        require(kept.batches <= most, "bounds", "\(kept.batches) batches are on their way to disk")
        require(kept.waitingCalls <= open, "bounds", "\(kept.waitingCalls) calls wait, and only \(open) are open")
        require(kept.pendingResults <= clients * runs.count, "bounds", "\(kept.pendingResults) results are looked at")
        require(
            kept.timers <= 2000 + 40 * clients * max(runs.count, 1), "bounds", "\(kept.timers) timers are kept")
        require(kept.discards <= 5000 + 100 * clients, "bounds", "\(kept.discards) blobs are on their way out")
    }
}
