import TributaryCore

/// What simulated ledgers have written, by the places that their records name.
///
/// It outlives processes and crashes, as what lies on a disk does; what of it counts is for the log to say. So starting
/// again does not mean decoding thousands of rows, thousands of times a second. That rows can be written and read is
/// another ledger's business to prove.
package final class LedgerArchive {
    /// What is written, and waited for, at once.
    enum Change {
        case group(LedgerGroup)
        case pruning(RunID, before: RoundNumber, limit: Int)

        /// Rows whose bytes are written.
        var rowCount: Int {
            switch self {
            case .group(let group): group.batches.reduce(0) { $0 + $1.count }
            case .pruning: 1
            }
        }

        func apply(to contents: inout LedgerContents) {
            switch self {
            case .group(let group): contents.apply(group)
            case .pruning(let run, let round, let limit): _ = contents.prune(run, before: round, limit: limit)
            }
        }
    }

    private(set) var changes: [Change] = []

    /// An archive for a new disk.
    package init() {}

    /// Takes a change in; returns its place.
    func keep(_ change: Change) -> Int {
        changes.append(change)
        return changes.count - 1
    }
}
