/// The privacy of a run on the coordinator: who may still take part, how a round is summed, and what it has cost when it
/// ends.
///
/// A committed round is paid for in the batch that makes its model known; until that batch is on disk nobody is given the
/// model. Before it, nothing was released, and a crash leaves nothing behind: the round is played again, with the same
/// noise, and if other updates have come in the meantime that is no second release either. After it, the price is on disk
/// with the model, and no replay pays it again.
struct PrivateRun: Sendable {
    /// All figures of the mechanism. They follow from the plan alone.
    let figures: RoundPrivacy
    /// The rounds that may be released in all; nil without a budget.
    private let coveredRounds: Int?
    /// What was spent up to the last round that ended.
    private(set) var row: PrivacyRow

    /// A run that has spent nothing.
    init(_ run: RunID, _ figures: RoundPrivacy, key: NoiseKey) throws(PlanError) {
        do throws(PrivacyError) {
            row = PrivacyRow(run: run, round: RoundNumber(0), state: try PrivacyState(figures), key: key)
        } catch {
            throw PlanError("privacy: \(error.description)")
        }
        self.figures = figures
        coveredRounds = figures.coveredRounds
    }

    /// A run as the ledger left it after `round`.
    ///
    /// - Throws: `PlanError` if the row is not there, or does not go with the plan and the run's last round: who cannot tell
    ///   what was spent may not spend any more.
    init(
        recovering row: PrivacyRow?, of run: RunID, _ figures: RoundPrivacy, after round: RoundNumber
    ) throws(PlanError) {
        let way = "; without it nothing more may be released: begin a new run, whose budget counts beside this one's"
        guard let row else {
            throw PlanError("what it has spent of its privacy budget is missing or damaged in the ledger\(way)")
        }
        guard row.round == round else {
            throw PlanError(
                "the ledger has what it had spent of its privacy budget after \(row.round), and its last end of a round is of "
                    + "\(round)\(way)")
        }
        guard row.state.belongs(to: figures) else {
            throw PlanError(
                "what it has spent of its privacy budget was spent by another mechanism than its plan's\(way)")
        }
        self.figures = figures
        self.row = row
        coveredRounds = figures.coveredRounds
    }

    /// Whether clients add the noise, each to its own update.
    private var isLocal: Bool { figures.noiseRequest != nil }
    /// Whether a round's clients are a random sample, drawn with the run's secret.
    var isSampled: Bool { figures.mechanism.isSampled }

    /// Who is drawn for a round, given the plan for the population that the plan names; nil where nobody is drawn in secret.
    func draw(for round: RoundNumber, _ plan: ResolvedPlan) -> ClientDraw? {
        guard isSampled else { return nil }
        return ClientDraw(of: round, key: row.key, expected: plan.inviteCount, population: plan.populationSize)
    }

    /// Whether a client may be in the next round.
    func isEligible(_ client: ClientID) -> Bool { row.state.isEligible(client, under: figures) }

    /// The last round that may be released if all from now on are; nil without a budget.
    var lastRound: Int? {
        coveredRounds.map { row.round.rawValue + row.state.remainingRounds(of: $0, under: figures) }
    }

    /// How these updates of the next round are summed; nil where they have noise of their own.
    ///
    /// - Parameter goal: the most contributions that a round takes.
    func sum(
        of round: RoundNumber, _ contributions: [ContributionRow], parameterCount: Int, goal: Int
    ) -> PrivateSum? {
        guard !isLocal else { return nil }
        var state = row.state
        state.begin(round, under: figures)
        return state.privateSum(
            of: round, parameterCount: parameterCount, contributions: goal, under: figures,
            keys: RoundKeys(run: row.key, contributions: contributions))
    }

    /// A round ended; `released` is what its model was made of, nil if it was given up.
    ///
    /// A round that was given up costs nothing: no noise of it was used, and no sum of its updates has left the
    /// coordinator. (That it was given up can be seen; but no noise on a sum would hide that.) Where clients add the noise it
    /// costs as much as any: what they are to be protected from has seen their updates. So it does where clients are drawn:
    /// such a round is given up only if the store has lost updates, which it can only where there were some.
    mutating func ended(_ round: RoundNumber, released contributions: [ContributionRow]?)
        -> RoundSummary.PrivacySpending
    {
        var clip = row.state.clip(under: figures)
        if contributions != nil || isLocal || isSampled { row.state.begin(round, under: figures) }
        if let contributions {
            clip = row.state.clip(under: figures)
            row.state.released(
                within: contributions.count { $0.norm <= clip.bound }, from: contributions.map(\.client), in: round,
                under: figures, keys: RoundKeys(run: row.key, contributions: contributions))
        }
        row.round = round
        let clipped = (contributions ?? []).count { $0.norm > clip.bound }
        return RoundSummary.PrivacySpending(
            epsilon: row.state.spent.flatMap { $0.epsilon.isFinite ? $0.epsilon : nil }, delta: figures.budget.delta,
            noiseMultiplier: figures.noiseMultiplier, clip: clip.bound,
            clippedShare: isLocal
                ? nil : contributions.flatMap { $0.isEmpty ? nil : Double(clipped) / Double($0.count) })
    }
}
