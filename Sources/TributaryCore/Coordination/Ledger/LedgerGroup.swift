/// Batches on their way into a ledger together, none of which conflicts with what is there or with one before it.
///
/// Conflicts are found before anything is written, so that nothing has to be taken back and writing costs what is
/// written, not what is there.
public struct LedgerGroup: Sendable {
    /// What may be there once only.
    private struct ResultKey: Hashable {
        var task: TaskID
        var client: ClientID
        var isEvaluation: Bool
    }

    /// The batches, in order.
    public private(set) var batches: [[LedgerEntry]] = []
    private var results: Set<ResultKey> = []

    /// No batches.
    public init() {}

    /// Takes a batch in that is to be written to `contents`, after the batches that were taken in before it; unless it
    /// conflicts.
    public mutating func add(_ batch: [LedgerEntry], to contents: LedgerContents) throws(LedgerContents.Conflict) {
        var keys: Set<ResultKey> = []
        for entry in batch {
            guard let key = Self.key(of: entry) else { continue }
            let isThere =
                key.isEvaluation
                ? contents.evaluation(of: key.task, by: key.client) != nil
                : contents.contribution(to: key.task, by: key.client) != nil
            if isThere || results.contains(key) || !keys.insert(key).inserted {
                throw LedgerContents.Conflict(task: key.task, client: key.client)
            }
        }
        results.formUnion(keys)
        batches.append(batch)
    }

    private static func key(of entry: LedgerEntry) -> ResultKey? {
        switch entry {
        case .contribution(let row): ResultKey(task: row.task, client: row.client, isEvaluation: false)
        case .evaluation(let row): ResultKey(task: row.task, client: row.client, isEvaluation: true)
        case .client, .clientLeft, .run, .roundOpened, .roundEnded, .privacy: nil
        }
    }
}
