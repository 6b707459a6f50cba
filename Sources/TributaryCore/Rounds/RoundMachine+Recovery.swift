extension RoundMachine {
    /// A round that was open when the coordinator died, with the contributions that had been accepted. The others of its
    /// cohort are waited for as if they had just been invited; ask `recovered()` what to do next.
    ///
    /// - Parameter closesAt: the instant at which it closes, whatever happens.
    public init(
        recovering round: RoundNumber, limits: Limits, cohort: [ClientID], accepted: Set<ClientID>, closesAt: Instant,
        at now: Instant
    ) {
        self.init(round: round, limits: limits)
        _ = cohortSelected(cohort, at: now)
        for client in cohort where accepted.contains(client) { members[client] = .answered(.accepted) }
        contributionCount = cohort.count { accepted.contains($0) }
        workingCount = limits.isTimed ? 0 : cohort.count - contributionCount
        phase = .collecting
        self.closesAt = closesAt
    }

    /// What to do after recovery: the round may have been complete.
    public mutating func recovered(at now: Instant) -> Progress {
        let progress = progress()
        return progress == .wait ? deadlineChecked(at: now) : progress
    }

    /// When the round will stop waiting for a client that keeps silent; nil if it does not wait for it.
    public func leaseEnd(of client: ClientID) -> Instant? {
        guard case .working(let leaseEnds)? = members[client] else { return nil }
        return leaseEnds
    }

    /// Whether a client was answered already, so that what it sends now is a repetition.
    public func hasAnswered(_ client: ClientID) -> Bool {
        if case .answered? = members[client] { return true }
        return false
    }

    /// Whether a client has something to do: it is invited, has not handed in, and the round is open.
    public func awaits(_ client: ClientID) -> Bool {
        guard phase == .collecting else { return false }
        switch members[client] {
        case .working?, .lost?: return true
        case .folding?, .answered?, nil: return false
        }
    }

    /// Whether a client was invited.
    public func isInvited(_ client: ClientID) -> Bool { members[client] != nil }
}
