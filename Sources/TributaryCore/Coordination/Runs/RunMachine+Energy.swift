import TributaryMath

/// What a run counts of energy, and when it may open its rounds.
extension RunMachine {
    /// Whether clients are asked how long they were at each part of a task. Who adds noise to its update says nothing of how it was
    /// made.
    var asksForTimes: Bool { countsEnergy && !asksForNoise }
    /// Whether clients are passed over for the carbon of their regions: then they have to say first where they are.
    var weighsCarbon: Bool { plan.energy.carbonWeight > 0 }
    /// Whether energy is counted.
    var countsEnergy: Bool { terms.energy?.model != nil }

    /// Before this instant no round is opened; nil if one may be. A round begins with its time slot, or as soon after that as it can:
    /// which slot, follows from what is on disk alone.
    mutating func earliestOpening(at now: Instant) -> Instant? {
        guard let schedule = terms.energy?.schedule, stage == .idle, case .openRound(let round) = course.nextAction()
        else { return nextAttempt }
        let slot = schedule.start(of: round, since: row.createdAt)
        guard slot > now else { return nextAttempt }
        _ = wait(for: "the time slot of \(round), which begins at \(slot.dateText)")
        return slot
    }

    /// A client says what its electricity is.
    mutating func stated(_ statement: EnergyStatement, by client: ClientID) {
        guard countsEnergy else { return }
        statements[client] = statement == EnergyStatement() ? nil : statement
    }

    /// A client is given the open round's task.
    mutating func noteGiven(to client: ClientID, bytes: Int, at now: Instant) {
        guard countsEnergy, open?.row.id.kind == .train else { return }
        open?.work.given(to: client, statements[client] ?? EnergyStatement(), bytes: bytes, at: now)
    }

    /// A client is heard of in the open round.
    mutating func noteHeard(of client: ClientID, at now: Instant) {
        guard countsEnergy, open?.row.id.kind == .train else { return }
        open?.work.heard(of: client, statements[client] ?? EnergyStatement(), at: now)
    }

    /// What is kept with an update that is about to be accepted; nil where energy is not counted.
    func workNote(of client: ClientID, at now: Instant) -> WorkNote? {
        guard countsEnergy else { return nil }
        return open?.work.note(of: client, statements[client] ?? EnergyStatement(), at: now)
    }

    /// Parts those who may be invited to a round by the carbon of their region at the moment: `late` are passed over, and come the
    /// nearest to being considered first.
    func weighed(
        _ eligible: [ClientID], for round: RoundNumber, at now: Instant
    ) -> (clean: [ClientID], late: [ClientID]) {
        guard let model = terms.energy?.model,
            let filter = CarbonFilter(model, weight: plan.energy.carbonWeight, at: now, seed: drawSeed(round))
        else { return (eligible, []) }
        let weighed = eligible.map { client in
            let region = statements[client].flatMap { model.region(of: $0) }
            return (lateness: filter.lateness(of: client, in: region), client: client)
        }
        let late = weighed.filter { $0.lateness > 0 }.sorted { $0 < $1 }
        return (weighed.filter { $0.lateness <= 0 }.map(\.client), late.map(\.client))
    }

    /// What the open training round has taken, if it ends now with these contributions; nil where energy is not counted.
    func energySpent(_ contributions: [ContributionRow], at now: Instant) -> RoundSummary.Energy? {
        guard let model = terms.energy?.model, let open else { return nil }
        let opened = open.row.openedAt
        return model.energy(of: open.work.uses(contributions, since: opened), from: opened, to: now)
    }
}
