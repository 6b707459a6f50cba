/// What is known of clients from the rounds they were invited to: a part of a run's state and of its checkpoints.
///
/// A client that was never invited takes no room here.
public struct SelectionState: Hashable, Sendable {
    /// What is known of one client.
    public struct History: Hashable, Sendable {
        /// The rounds that it was invited to, whatever came of it.
        public var invitations: Int
        /// The last of them.
        public var lastRound: RoundNumber
        /// What the selector keeps of it.
        public var figures: [Double]

        /// A history with all its parts.
        public init(invitations: Int, lastRound: RoundNumber, figures: [Double]) {
            (self.invitations, self.lastRound, self.figures) = (invitations, lastRound, figures)
        }
    }

    /// The name and version of its form; empty if nothing is kept.
    public var form: String
    /// What the selector keeps of the run.
    public var figures: [Double]
    /// The clients that were invited.
    public var clients: [ClientID: History]

    /// A state with all its parts.
    public init(form: String, figures: [Double] = [], clients: [ClientID: History] = [:]) {
        (self.form, self.figures, self.clients) = (form, figures, clients)
    }

    /// Nothing is kept.
    public static let none = SelectionState(form: "")

    /// The form without a selector's own: that clients took part.
    static let participation = "participation-1"

    /// What a plan's selection starts from.
    public init(initial plan: ResolvedPlan) {
        self.init(form: plan.selectionForm, figures: plan.strategy.selector?.form.figures ?? [])
    }

    /// Whether a plan's selection can go on from this.
    public func fits(_ plan: ResolvedPlan) -> Bool {
        let form = plan.strategy.selector?.form ?? .none
        return self.form == plan.selectionForm && figures.count == form.figures.count
            && clients.allSatisfy {
                $0.value.figures.count == form.clientFigures.count && $0.key.rawValue < UInt64(plan.populationSize)
            }
    }

    /// Notes that clients were invited to a round, then has the selector learn from what came of it.
    public mutating func roundEnded(
        _ round: RoundNumber, _ facts: [SelectionFact], selector: (any ClientSelector)?
    ) {
        guard !form.isEmpty else { return }
        let blank = selector?.form.clientFigures ?? []
        for fact in facts {
            var history = clients[fact.client] ?? History(invitations: 0, lastRound: round, figures: blank)
            history.invitations += 1
            history.lastRound = round
            clients[fact.client] = history
        }
        selector?.advance(&self, by: facts, in: round)
    }
}

extension ResolvedPlan {
    /// How often a client may be invited.
    public var participationLimits: ParticipationLimits {
        ParticipationLimits(cap: plan.cohort.participationCap, gap: plan.cohort.participationGap)
    }

    /// The name of what is kept of clients' participation: the selector's, else that of the limits; empty for nothing.
    public var selectionForm: String {
        let own = strategy.selector?.form.name ?? ""
        return own.isEmpty && participationLimits.isLimited ? SelectionState.participation : own
    }
}

/// How often a client may be invited: for fairness, or to spare devices.
public struct ParticipationLimits: Hashable, Sendable {
    /// The most rounds in all; nil for any number.
    public var cap: Int?
    /// R: at most once every so many rounds; nil for any number.
    public var gap: Int?

    /// Limits with both their parts.
    public init(cap: Int? = nil, gap: Int? = nil) {
        (self.cap, self.gap) = (cap, gap)
    }

    /// Whether there is anything to look at: a gap of one round is none.
    public var isLimited: Bool { cap != nil || gap ?? 1 > 1 }

    /// Whether a client with that history may be invited to a round.
    public func allow(_ history: SelectionState.History?, in round: RoundNumber) -> Bool {
        guard let history else { return true }
        if let cap, history.invitations >= cap { return false }
        if let gap, round.rawValue - history.lastRound.rawValue < gap { return false }
        return true
    }
}
