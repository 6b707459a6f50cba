/// The meaning of a ledger: what it holds after batches were written, as plain values in memory.
///
/// Stores are checked against it, and where nothing needs to survive it is the ledger.
public struct LedgerContents: Hashable, Sendable {
    /// One run's rows.
    struct RunRows: Hashable, Sendable {
        /// Rows of a run may come before the run's own.
        var row: RunRow?
        var opened: [TaskID: RoundRow] = [:]
        var contributions: [TaskID: [ClientID: ContributionRow]] = [:]
        var evaluations: [TaskID: [ClientID: EvaluationRow]] = [:]
        var ends: [RoundNumber: RoundEndRow] = [:]
        var privacy: PrivacyRow?
    }

    /// A row that is there already was written a second time.
    public struct Conflict: Error, Hashable, Sendable {
        /// What was written.
        public let task: TaskID
        /// By whom.
        public let client: ClientID
    }

    private var clients: [ClientID: ClientRow] = [:]
    private var runs: [RunID: RunRows] = [:]
    private var order: [RunID] = []

    /// An empty ledger.
    public init() {}

    /// Writes a batch as a whole or, if it conflicts with what is there, not at all.
    public mutating func apply(_ batch: [LedgerEntry]) throws(Conflict) {
        var group = LedgerGroup()
        try group.add(batch, to: self)
        apply(group)
    }

    /// Writes batches that were found not to conflict with what is there.
    public mutating func apply(_ group: LedgerGroup) {
        for batch in group.batches {
            for entry in batch { apply(entry) }
        }
    }

    private mutating func apply(_ entry: LedgerEntry) {
        switch entry {
        case .client(let row): clients[row.id] = row
        case .clientLeft(let client): clients[client] = nil
        case .run(let row):
            if runs[row.id]?.row == nil { order.append(row.id) }
            runs[row.id, default: RunRows()].row = row
        case .roundOpened(let row): runs[row.id.run, default: RunRows()].opened[row.id] = row
        case .contribution(let row):
            runs[row.task.run, default: RunRows()].contributions[row.task, default: [:]][row.client] = row
        case .evaluation(let row):
            runs[row.task.run, default: RunRows()].evaluations[row.task, default: [:]][row.client] = row
        case .roundEnded(let row): runs[row.run, default: RunRows()].ends[row.summary.round] = row
        case .privacy(let row): runs[row.run, default: RunRows()].privacy = row
        }
    }

    /// A registered client; nil if there is none of that number.
    public func client(_ id: ClientID) -> ClientRow? { clients[id] }

    /// What was accepted of a client in a round; nil if nothing was.
    public func contribution(to task: TaskID, by client: ClientID) -> ContributionRow? {
        runs[task.run]?.contributions[task]?[client]
    }

    /// The score that was accepted of a client in a round; nil if none was.
    public func evaluation(of task: TaskID, by client: ClientID) -> EvaluationRow? {
        runs[task.run]?.evaluations[task]?[client]
    }

    /// Forgets, at most `limit` rows at a time, who was invited to a run's rounds before the given one and what was accepted
    /// in them, but nothing of the last round that ended and of later ones; returns how many rows it were.
    ///
    /// Oldest first, and in the clients' order: the same rows in every process.
    public mutating func prune(_ run: RunID, before round: RoundNumber, limit: Int) -> Int {
        guard let rows = runs[run], let last = rows.ends.keys.max() else { return 0 }
        var left = limit
        func old<Value>(_ tasks: [TaskID: Value]) -> [(key: TaskID, value: Value)] {
            tasks.filter { $0.key.round < min(round, last) }
                .sorted {
                    ($0.key.round, $0.key.kind.rawValue, $0.key.wave ?? 0)
                        < ($1.key.round, $1.key.kind.rawValue, $1.key.wave ?? 0)
                }
        }
        for (task, results) in old(rows.contributions) where left > 0 {
            for client in results.keys.sorted().prefix(left) {
                runs[run]?.contributions[task]?[client] = nil
                left -= 1
            }
        }
        for (task, results) in old(rows.evaluations) where left > 0 {
            for client in results.keys.sorted().prefix(left) {
                runs[run]?.evaluations[task]?[client] = nil
                left -= 1
            }
        }
        for (task, _) in old(rows.opened).prefix(left) {
            runs[run]?.opened[task] = nil
            left -= 1
        }
        return limit - left
    }

    /// What a coordinator needs to go on.
    public var image: LedgerImage {
        LedgerImage(clients: clients.values.sorted { $0.id < $1.id }, runs: runImages)
    }

    /// Of that the runs alone: there may be far more clients.
    package var runImages: [LedgerImage.Run] { order.compactMap { runs[$0].flatMap(image(of:)) } }

    /// What is known of a run's privacy; nil if nothing is.
    package func privacy(of run: RunID) -> PrivacyRow? { runs[run]?.privacy }

    private func image(of run: RunRows) -> LedgerImage.Run? {
        guard let row = run.row else { return nil }
        let lastEnd = run.ends.max { $0.key < $1.key }?.value
        let lastTest = run.ends.sorted { $0.key < $1.key }.last { $0.value.summary.test != nil }?.value.summary.test
        let last = lastEnd?.summary.round ?? RoundNumber(0)
        let isScored = lastEnd?.isScored ?? true
        var open = TaskKind.allCases.compactMap { kind in
            run.opened.values.filter { row in
                let isScoring = row.id.round == last && kind == .evaluate && !isScored
                return row.id.wave == nil && row.id.kind == kind && (row.id.round > last || isScoring)
            }.max { $0.id.round < $1.id.round }
        }
        var tasks = open.map(\.id)
        let begin = min(last.next, lastEnd?.workFrom ?? last.next)
        open += run.opened.values.filter { $0.id.wave != nil && $0.id.round >= begin }
            .sorted { TaskID.isEarlier($0.id, $1.id) }
        tasks += run.contributions.keys.filter { $0.wave != nil && $0.round >= begin }.sorted(by: TaskID.isEarlier)
        return LedgerImage.Run(
            row: row, lastEnd: lastEnd, privacy: run.privacy, lastTest: lastTest,
            openRounds: open,
            contributions: tasks.flatMap { contributions(to: $0) }, evaluations: tasks.flatMap { evaluations(of: $0) },
            selection: row.keepsSelection
                ? run.ends.sorted { $0.key < $1.key }.compactMap { $0.value.selection } : [],
            counted: row.keepsMemories ? run.ends.sorted { $0.key < $1.key }.map(\.value).countedRounds : [:])
    }

    /// A round as it was opened; nil if it never was.
    public func round(_ task: TaskID) -> RoundRow? { runs[task.run]?.opened[task] }

    /// The waves of clients that were invited, the oldest first, as far as they are not forgotten.
    package func waves(of run: RunID) -> [TaskID] {
        (runs[run]?.opened.keys.filter { $0.wave != nil } ?? []).sorted(by: TaskID.isEarlier)
    }

    /// What was accepted in a round, in the clients' order.
    public func contributions(to task: TaskID) -> [ContributionRow] {
        (runs[task.run]?.contributions[task] ?? [:]).values.sorted { $0.client < $1.client }
    }

    /// What was accepted for training tasks that were given out in these rounds, oldest tasks first, then in the clients' order.
    public func contributions(
        forTasksOf run: RunID, in rounds: ClosedRange<RoundNumber>
    ) -> [ContributionRow] {
        let tasks = (runs[run]?.contributions ?? [:]).keys.filter { rounds.contains($0.round) }
        return tasks.sorted(by: TaskID.isEarlier).flatMap { contributions(to: $0) }
    }

    /// The scores that were accepted in a round, in the clients' order.
    public func evaluations(of task: TaskID) -> [EvaluationRow] {
        (runs[task.run]?.evaluations[task] ?? [:]).values.sorted { $0.client < $1.client }
    }

    /// The rounds of a run that ended, in order.
    public func rounds(of run: RunID) -> [RoundEndRow] {
        (runs[run]?.ends ?? [:]).values.sorted { $0.summary.round < $1.summary.round }
    }

    /// All blobs that a row names.
    public var namedBlobs: Set<BlobDigest> {
        var digests: Set<BlobDigest> = []
        for run in runs.values {
            if let row = run.row { digests.insert(row.initialModel.digest) }
            for row in run.opened.values { digests.insert(row.model.digest) }
            for rows in run.contributions.values { digests.formUnion(rows.values.map(\.numbers.digest)) }
            for row in run.ends.values { digests.formUnion(row.blobs.map(\.digest)) }
        }
        return digests
    }
}
