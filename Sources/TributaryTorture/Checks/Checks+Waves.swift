import Foundation
import TributaryCore

/// Runs whose model moves as updates come: who was invited to what, where each update counts, and what it weighs there.
extension Checks {
    /// Clients were invited to work on the newest model.
    mutating func openedWave(_ row: RoundRow) {
        guard let run = runs[row.id.run], let pacing = run.pacing else {
            return violated("waves", "\(row.id) of a run that has none")
        }
        require(row.id.kind == .train, "waves", "\(row.id) is not for training")
        require(run.status == .active, "orders", "\(row.id) opens while its run is \(run.status)")
        require(row.id.round == run.lastRound.next, "rounds", "\(row.id) follows \(run.lastRound)")
        require(row.model == run.blob, "models", "\(row.id) begins with another model than the newest")
        require(
            row.modelVersion == run.version, "versions", "\(row.id) begins at \(row.modelVersion), not \(run.version)")
        require(row.cohort == Array(Set(row.cohort)).sorted(), "cohort", "\(row.id): a client is there twice")
        require(row.goal == pacing.goal, "waves", "\(row.id): a step of \(row.goal), not \(pacing.goal)")
        require(row.cohort.count <= run.plan.cohort.count ?? 0, "waves", "\(row.id) invites \(row.cohort.count)")
        require(durable.round(row.id) == nil, "waves", "\(row.id) is opened twice")
        let isKnown = row.cohort.allSatisfy { durable.client($0) != nil }
        require(isKnown, "cohort", "\(row.id) invites somebody who is not registered")
    }

    /// An update says where it counts: in a step that is not taken yet, has room for it, and whose model is not too new.
    mutating func checkPlace(of row: ContributionRow, _ wave: RoundRow, _ run: RunRecord) {
        guard let pacing = run.pacing, let place = row.place else {
            return violated("waves", "\(row.task): \(row.client)'s update counts nowhere")
        }
        require(place.round > run.lastRound, "exactly once", "\(row.task): counts in \(place.round), which has ended")
        require(place.round.rawValue <= run.plan.rounds, "rounds", "\(row.task): counts in \(place.round)")
        require(place.startedFrom == wave.modelVersion, "versions", "\(row.task): started from \(place.startedFrom)")
        let others = recorded(in: place.round, of: row.task.run).count
        require(others < pacing.goal, "waves", "\(row.task): \(place.round) has its \(pacing.goal) updates already")
        let model = run.version.rawValue + place.round.rawValue - run.lastRound.next.rawValue
        let staleness = model - wave.modelVersion.rawValue
        require(
            staleness <= pacing.stalenessLimit ?? .max, "waves",
            "\(row.task): an update for \(place.round), after \(run.lastRound) with \(run.version), is \(staleness) steps old"
        )
    }

    /// What was recorded to count in a round: of a round with a cohort what its clients sent.
    func recorded(in round: RoundNumber, of run: RunID) -> [ContributionRow] {
        guard runs[run]?.pacing != nil else {
            return durable.contributions(to: TaskID(run: run, round: round, kind: .train))
        }
        return durable.contributions(forTasksOf: run, in: RoundNumber(1)...round)
            .filter { $0.place?.round == round }
            .sorted { left, right in
                let (one, other) = (left.task, right.task)
                return (left.client.rawValue, one.round.rawValue, one.wave ?? 0)
                    < (right.client.rawValue, other.round.rawValue, other.wave ?? 0)
            }
    }

    /// What is recorded, as terms of the step: with its weight, and multiplied by s(τ) of its age.
    func terms(_ recorded: [ContributionRow], _ run: RunRecord, _ archive: UpdateArchive) -> [Recomputation.Term] {
        recorded.compactMap { row in
            guard let all = archive.update(of: row, parameterCount: run.updateLength)?.values else { return nil }
            let values = Array(all.prefix(run.model.count))
            if case .mixing(let alpha)? = run.pacing?.use {
                return Recomputation.Term(weight: 1, values: way(to: values, of: row, alpha, run))
            }
            guard let factor = factor(of: row, run), factor != 1 else {
                return Recomputation.Term(
                    weight: row.weight, values: values, message: Array(all.dropFirst(run.model.count)))
            }
            return Recomputation.Term(weight: row.weight, values: values.map { Float(Double($0) * factor) })
        }
    }

    /// α s(τ) (y − x), within the bound: what a step of mixing takes in place of an update.
    private func way(to update: [Float], of row: ContributionRow, _ alpha: Double, _ run: RunRecord) -> [Float] {
        let start = row.place.flatMap { run.formerModels[$0.startedFrom] } ?? run.model
        let (share, bound) = (alpha * (factor(of: row, run) ?? .nan), run.plan.server.updateBound)
        return update.indices.map { index in
            let model = Double(start[index]) + Double(update[index])
            return Float(max(-bound, min(bound, share * (model - Double(run.model[index])))))
        }
    }

    /// Whether the model that an update is to be mixed from was destroyed by a fault.
    func isUprooted(_ row: ContributionRow, _ run: RunRecord, _ world: World) -> Bool {
        guard run.pacing?.isMixing == true, let start = durable.round(row.task)?.model else { return false }
        return isDestroyed(start.digest, world)
    }

    /// What the mean of a step is multiplied by: Σ n / Σ n s(τ), or 1.
    func meanFactor(_ recorded: [ContributionRow], _ run: RunRecord) -> Double {
        guard case .mean(isNormalised: true)? = run.pacing?.use else { return 1 }
        var (plain, scaled) = (0.0, 0.0)
        for row in recorded {
            plain += Double(row.weight)
            scaled += Double(row.weight) * (factor(of: row, run) ?? 1)
        }
        return plain / scaled
    }

    /// s(τ), as the papers write it.
    private func factor(of row: ContributionRow, _ run: RunRecord) -> Double? {
        guard let weight = run.pacing?.weight, let place = row.place else { return nil }
        let age = run.version.rawValue - place.startedFrom.rawValue
        switch weight.form {
        case .constant: return 1
        case .polynomial: return pow(Double(1 + age), -weight.slope)
        case .hinge: return age <= weight.knee ? 1 : 1 / (weight.slope * Double(age - weight.knee) + 1)
        }
    }
}

extension Checks.RunRecord {
    /// How many numbers an update has, with what its method sends behind it.
    var updateLength: Int { model.count * (method.messageBound == nil ? 1 : 2) }

    /// K, s(τ) and τ_max; nil for a run of rounds.
    var pacing: BufferedPacing? {
        guard let strategy = try? Strategy(plan), case .buffered(let pacing) = strategy.pacing else { return nil }
        return pacing
    }
}
