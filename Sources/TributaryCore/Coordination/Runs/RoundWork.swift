/// What the clients of an open round do that takes energy, as far as a coordinator knows.
///
/// It knows when a client was given its task, when it last heard of it, and when its update was accepted; how long the client was
/// at each part of the task, the client says. Like the traffic it is not on disk but for what is accepted: who was at work when a
/// coordinator stopped counts from when it is heard of again.
struct RoundWork: Sendable {
    private struct Entry {
        let begin: Instant
        var heard: Instant
        let statement: EnergyStatement
        var bytesDown = 0
    }

    private var entries: [ClientID: Entry] = [:]

    /// A client is given its task, and so many bytes to fetch for it.
    mutating func given(to client: ClientID, _ statement: EnergyStatement, bytes: Int, at now: Instant) {
        heard(of: client, statement, at: now)
        entries[client]?.bytesDown += bytes
    }

    /// A client is heard of.
    mutating func heard(of client: ClientID, _ statement: EnergyStatement, at now: Instant) {
        entries[client, default: Entry(begin: now, heard: now, statement: statement)].heard = now
    }

    /// What is kept with a client's update that is about to be accepted.
    func note(of client: ClientID, _ statement: EnergyStatement, at now: Instant) -> WorkNote {
        let entry = entries[client]
        return WorkNote(begin: entry?.begin ?? now, statement: entry?.statement ?? statement)
    }

    /// What all of it comes to. Who never handed in an update that counts was at work until it was last heard of.
    ///
    /// - Parameter opened: when the round was opened: no client was at work for longer.
    func uses(_ contributions: [ContributionRow], since opened: Instant) -> [EnergyUse] {
        let rows = Dictionary(contributions.map { ($0.client, $0) }) { first, _ in first }
        // Sums of floating point: always in the same order.
        return Set(entries.keys).union(rows.keys).sorted().flatMap { client in
            let (entry, row) = (entries[client], rows[client])
            let end = row?.acceptedAt ?? entry?.heard ?? opened
            let span = Span(
                client: client, begin: row?.work?.begin ?? entry?.begin ?? end, end: end,
                statement: row?.work?.statement ?? entry?.statement ?? EnergyStatement(),
                bytesDown: entry?.bytesDown ?? 0, bytesUp: row?.update.blob.byteCount ?? 0)
            return span.uses(row?.update.times, since: opened)
        }
    }

    /// One client's work, from its task to its update.
    private struct Span {
        let client: ClientID
        let begin: Instant
        let end: Instant
        let statement: EnergyStatement
        let (bytesDown, bytesUp): (Int, Int)

        /// The parts of it. Without the client's own times all of it may have been training; with them, no more than the time from
        /// the round's opening to the end.
        func uses(_ times: WorkTimes?, since opened: Instant) -> [EnergyUse] {
            guard let times else {
                return [
                    use(.download, from: begin, to: begin, bytesDown), use(.training, from: begin, to: end),
                    use(.upload, from: end, to: end, bytesUp),
                ]
            }
            var left = max(0, opened.duration(to: end).inSeconds)
            func take(_ seconds: Double) -> Double {
                let taken = seconds > 0 ? min(seconds, left) : 0
                left -= taken
                return taken
            }
            let (download, training, upload) = (take(times.download), take(times.training), take(times.upload))
            // A coordinator that was started again may have heard of the client only when it was done.
            let begin = max(opened, min(begin, end.advanced(by: .seconds(-(download + training + upload)))))
            let trainingBegin = begin.advanced(by: .seconds(download))
            return [
                use(.download, from: begin, to: trainingBegin, bytesDown),
                use(.training, from: trainingBegin, to: trainingBegin.advanced(by: .seconds(training))),
                use(.upload, from: end.advanced(by: .seconds(-upload)), to: end, bytesUp),
            ]
        }

        private func use(
            _ kind: EnergyUse.Kind, from start: Instant, to end: Instant, _ bytes: Int = 0
        ) -> EnergyUse {
            EnergyUse(kind, of: client, from: start, to: end, bytes: bytes, statement: statement)
        }
    }
}

/// What is kept with an update that counts, where energy is counted.
public struct WorkNote: Hashable, Sendable, Codable {
    /// When its client was given the task, or was first heard of after the coordinator was started again.
    public var begin: Instant
    /// What the client said of itself then.
    public var statement: EnergyStatement

    /// A note with both its parts.
    public init(begin: Instant, statement: EnergyStatement) {
        (self.begin, self.statement) = (begin, statement)
    }
}
