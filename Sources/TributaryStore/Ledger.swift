public import TributaryCore

/// The coordinator's durable rows: who is registered, which runs there are, and what every round was made of.
///
/// Every implementation passes `LedgerContract` of TributaryTesting.
public protocol Ledger: Sendable {
    /// Writes a batch as a whole or not at all. When it returns, the batch survives a crash of the process and of the
    /// machine. Calls that come at the same time may share one write.
    ///
    /// A batch that would write a contribution or an evaluation of the same task and client a second time is refused
    /// with `.conflict`.
    func commit(_ batch: [LedgerEntry]) async throws(StoreError)

    /// What a coordinator needs to go on. Rows that are damaged are set aside and named in `damage`, one line for each.
    func load() async throws(StoreError) -> (image: LedgerImage, damage: [String])

    /// The accepted update of a client for a task; nil if there is none.
    func contribution(to task: TaskID, by client: ClientID) async throws(StoreError) -> ContributionRow?

    /// Whether a client's score was accepted for a task.
    func hasEvaluation(of task: TaskID, by client: ClientID) async throws(StoreError) -> Bool

    /// The rounds of a run that ended after the given one, in order: at most `limit` of them.
    func rounds(of run: RunID, after round: RoundNumber, limit: Int) async throws(StoreError) -> [RoundEndRow]

    /// A training round as it was opened, and all that was accepted in it, in the clients' order; nil if it was never
    /// opened.
    func round(_ task: TaskID) async throws(StoreError) -> (row: RoundRow, contributions: [ContributionRow])?

    /// The updates that were accepted for training tasks that were given out in these rounds, whichever steps they count in:
    /// oldest tasks first, then in the clients' order.
    func contributions(
        forTasksOf run: RunID, in rounds: ClosedRange<RoundNumber>
    ) async throws(StoreError) -> [ContributionRow]

    /// Forgets who was invited to a run's rounds before the given one and what was accepted in them: at most `limit` rows,
    /// beginning with the updates of the oldest rounds. Returns how many it were; fewer than `limit` are the last. Kept are
    /// the ends of all rounds, and everything of the last round that ended and of later ones.
    ///
    /// Later calls with the same rounds find what is left, so that it can be done bit by bit, and again after a crash.
    func prune(_ run: RunID, before round: RoundNumber, limit: Int) async throws(StoreError) -> Int

    /// The blobs that rows of the ledger still name, for a sweep of the blob store: models of runs, and updates.
    func namedBlobs() async throws(StoreError) -> Set<BlobDigest>

    /// Ends the use of the ledger after everything that was begun.
    func close() async
}
