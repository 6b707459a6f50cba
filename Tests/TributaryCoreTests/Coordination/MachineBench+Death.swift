import TributaryCore

/// A coordinator that dies once, at a chosen one of its writes.
extension MachineBench {
    /// Plays rounds until the run is over, or so many: in each the clients of the open one hand in their updates, then `rest`
    /// happens, then everybody polls.
    ///
    /// - Parameter death: half of it is the number of the write at which the coordinator dies: just before it is on disk for an
    ///   even number, and just after for an odd one.
    mutating func playToTheEnd(
        _ clients: [ClientID], death: Int, rounds: Int = 20, _ rest: (inout MachineBench) -> Void = { _ in }
    ) {
        var writes = 0
        for _ in 0..<rounds where status?.row.status == .active {
            holds = { _ in
                writes += 1
                return writes == death / 2 + 1
            }
            if let open = ledger.image.runs.first?.openRounds.first {
                let round = open.id.round.rawValue
                for client in open.cohort {
                    submit(CoordinatorWorld.digest(UInt64(round * 100) + client.rawValue), by: client, round: round)
                }
            }
            rest(&self)
            dieIfHeld(death)
            for client in clients { poll(client) }
            if dieIfHeld(death) {
                for client in clients { poll(client) }
            }
            holds = { _ in false }
        }
    }

    /// Whether it has died now.
    @discardableResult
    private mutating func dieIfHeld(_ death: Int) -> Bool {
        guard !held.isEmpty else { return false }
        if death % 2 == 1 { release() }
        restart()
        return true
    }
}
