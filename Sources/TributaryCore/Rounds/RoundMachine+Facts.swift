extension RoundMachine {
    /// The cohort was drawn and invited: the round is open. An empty cohort abandons it, unless the round is timed: whoever is
    /// drawn for that may come for its task as long as it is open, and is waited for no longer.
    public mutating func cohortSelected(_ cohort: [ClientID], at now: Instant) -> Progress {
        precondition(phase == .selecting, "a round selects its cohort once")
        let leaseEnds = now.advanced(by: limits.lease)
        members.reserveCapacity(cohort.count)
        let invited: Member = limits.isTimed ? .lost(.beforeTraining) : .working(leaseEnds: leaseEnds)
        for client in cohort { members[client] = invited }
        workingCount = limits.isTimed ? 0 : members.count
        closesAt = now.advanced(by: limits.deadline)
        phase = .collecting
        return progress()
    }

    /// A client said that it is still at work.
    public mutating func heartbeatReceived(from client: ClientID, at now: Instant) {
        guard isUndecided, case .working? = members[client] else { return }
        members[client] = .working(leaseEnds: now.advanced(by: limits.lease))
    }

    /// A client's lease may have run out: if it has, the round stops waiting for it. Should its update arrive after
    /// all while the round is open, it still counts.
    public mutating func leaseChecked(of client: ClientID, at now: Instant) -> Progress {
        guard isUndecided, case .working(let leaseEnds)? = members[client], leaseEnds <= now else {
            return .wait
        }
        return lose(client, .stalled)
    }

    /// A client declined, failed or vanished, for the given cause.
    public mutating func clientLost(_ client: ClientID, cause: DropCause) -> Progress {
        guard isUndecided, case .working? = members[client] else { return .wait }
        return lose(client, cause)
    }

    /// An update arrived.
    public mutating func updateArrived(from client: ClientID, at now: Instant) -> OnUpdate {
        guard let member = members[client] else { return .answer(.notInvited) }
        switch member {
        case .answered(let answer):
            duplicateCount += 1
            return .answer(answer)
        case .folding:
            duplicateCount += 1
            return .awaitFirstAnswer
        case .working, .lost:
            if case .working = member { workingCount -= 1 }
            let isOpen = phase == .collecting && now < closesAt ?? now
            guard isOpen, openPlaces > 0 else {
                members[client] = .answered(.late)
                return .answer(.late)
            }
            members[client] = .folding
            foldingCount += 1
            if openPlaces == 0 { phase = .draining }
            return .fold
        }
    }

    /// An admitted update was added to the aggregate.
    public mutating func updateFolded(from client: ClientID) -> Progress {
        settle(client, .accepted)
        contributionCount += 1
        return progress()
    }

    /// An admitted update could not be used; the aggregate is as it was.
    public mutating func updateRefused(from client: ClientID, because refusal: UpdateRefusal, at now: Instant)
        -> Progress
    {
        settle(client, .refused(refusal))
        // Its place is free again for those still at work, unless the time is up.
        if phase == .draining, now < closesAt ?? now { phase = .collecting }
        return progress()
    }

    /// An admitted update could not be looked at or written down, through no fault of the client's: it may send it again.
    public mutating func updateWithdrawn(from client: ClientID, at now: Instant) -> Progress {
        precondition(members[client] == .folding, "an update was withdrawn that was not being added")
        members[client] = .working(leaseEnds: now.advanced(by: limits.lease))
        foldingCount -= 1
        workingCount += 1
        if phase == .draining, now < closesAt ?? now { phase = .collecting }
        return progress()
    }

    /// A client asks for its task: one that the round had given up on is waited for again.
    public mutating func clientReturned(_ client: ClientID, at now: Instant) {
        guard phase == .collecting, case .lost? = members[client] else {
            return heartbeatReceived(from: client, at: now)
        }
        members[client] = .working(leaseEnds: now.advanced(by: limits.lease))
        workingCount += 1
    }

    /// The deadline may have passed: if it has, no more updates are admitted.
    public mutating func deadlineChecked(at now: Instant) -> Progress {
        guard phase == .collecting, let closesAt, now >= closesAt else { return .wait }
        phase = .draining
        return progress()
    }

    /// Nothing good can come of waiting for more: no more updates are admitted, as if the deadline had passed. A timed round
    /// stays open all the same.
    public mutating func closed(at now: Instant) -> Progress {
        guard isUndecided, !limits.isTimed else { return .wait }
        closesAt = min(closesAt ?? now, now)
        phase = .draining
        return progress()
    }

    /// The next model was made and is safe.
    public mutating func modelCommitted() {
        precondition(phase == .committing, "a model is committed once, after its contributions are in")
        phase = .committed
    }

    /// Whether the round may still wait for a client. While draining too: a refused update opens the round again, and
    /// what was learnt of the others in the meantime must not be lost.
    private var isUndecided: Bool { phase == .collecting || phase == .draining }

    private mutating func lose(_ client: ClientID, _ cause: DropCause) -> Progress {
        members[client] = .lost(cause)
        workingCount -= 1
        return progress()
    }

    private mutating func settle(_ client: ClientID, _ answer: Answer) {
        precondition(members[client] == .folding, "an update was settled that was not being added")
        members[client] = .answered(answer)
        foldingCount -= 1
    }

    /// Where the round stands after a fact: it is over when every admitted update is settled and none can follow.
    mutating func progress() -> Progress {
        guard isUndecided, foldingCount == 0 else { return .wait }
        let isComplete = !limits.isTimed && (contributionCount == limits.goal || workingCount == 0)
        guard phase == .draining || isComplete else { return .wait }
        let isEnough = limits.isTimed || contributionCount >= limits.quorum
        phase = isEnough ? .committing : .abandoned
        return isEnough ? .commit : .abandon
    }
}
