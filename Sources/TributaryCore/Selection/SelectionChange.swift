/// What a round has changed in what is known of clients, as a ledger keeps it: figures of the run, and all that is known of the
/// clients that were invited. The last change of a client says everything of it.
public struct SelectionChange: Hashable, Sendable, Codable {
    /// One client.
    public struct Client: Hashable, Sendable, Codable {
        /// The client.
        public var id: ClientID
        /// The rounds that it was invited to.
        public var invitations: Int
        /// The last of them.
        public var lastRound: RoundNumber
        /// What the selector keeps of it.
        public var figures: [Double]
        /// n_k, as it last said; nil if it never did.
        public var exampleCount: Int?
    }

    /// The name and version of the state's form.
    public var form: String
    /// What the selector keeps of the run.
    public var figures: [Double]
    /// The clients of the round, in ascending order.
    public var clients: [Client]

    /// What of a state the clients of a round, in ascending order, and the run have.
    init(_ state: SelectionState, of cohort: [ClientID], exampleCounts: [ClientID: Int]) {
        (form, figures) = (state.form, state.figures)
        clients = cohort.compactMap { client in
            state.clients[client].map {
                Client(
                    id: client, invitations: $0.invitations, lastRound: $0.lastRound, figures: $0.figures,
                    exampleCount: exampleCounts[client])
            }
        }
    }
}

extension RunRow {
    /// Whether its rounds change what is known of clients.
    public var keepsSelection: Bool {
        // Asked so often that the rest of the plan is not read for it.
        let cohort = plan["cohort"] ?? [:]
        if let text = cohort["selection"], case .selector? = CohortSelection(planText: text) { return true }
        return ["participation-cap", "participation-gap"].contains { (cohort[$0] ?? "none") != "none" }
    }
}
