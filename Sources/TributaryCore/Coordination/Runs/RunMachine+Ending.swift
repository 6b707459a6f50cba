import TributaryMath

extension RunMachine {
    /// Does what the round machine says after a fact.
    mutating func proceed(_ progress: RoundMachine.Progress, at now: Instant) -> [CoordinatorAction] {
        guard let kind = open?.row.id.kind else { return [] }
        switch (progress, kind) {
        case (.wait, _): return []
        case (.commit, .train): return makeModel(at: now)
        case (.abandon, .train): return endRound(.abandoned, at: now)
        case (.commit, .evaluate), (.abandon, .evaluate): return endEvaluation(at: now)
        }
    }

    /// Has the next model made from what was accepted.
    mutating func makeModel(at now: Instant) -> [CoordinatorAction] {
        guard let round = roundToEnd else { return [] }
        let mixing = mixing(of: round.contributions)
        guard mixing != nil || work?.pacing.isMixing != true else {
            return fail("\(round.number): the ledger does not say what its updates started from")
        }
        stage = .making
        let advance = methodAdvance(round.contributions)
        guard advance?.isSound != false else {
            return [.note(row.id, "\(round.number) is given up: the figures of its updates make no step")]
                + endRound(.abandoned, at: now)
        }
        isModelOrdered = true
        changed()
        var order = ModelOrder(
            run: row.id, round: round.number, base: model, contributions: round.contributions,
            parameterCount: parameterCount, bound: fitted.arrivalBound,
            aggregation: fitted.strategy.aggregation, step: serverStep(for: round.number),
            state: optimiserState?.vectors.map(\.blob) ?? [],
            privacy: privateSum(of: round.number, round.contributions))
        order.mixing = mixing
        let scales = mixing == nil ? scales(of: round.contributions) : []
        if scales.contains(where: { $0 != 1 }) {
            (order.scales, order.meanScale) = (scales, meanScale(round.contributions, scales))
        }
        if let advance {
            order.method = MethodOrder(
                fitted.strategy.method, factors: advance.factors, vectors: methodState?.vectors.map(\.blob) ?? [])
        }
        return [.makeModel(order)]
    }

    /// The model was made, or could not be.
    mutating func modelMade(_ result: ModelResult, of number: RoundNumber, at now: Instant) -> [CoordinatorAction] {
        guard stage == .making, numberToEnd == number else { return [] }
        isModelOrdered = false
        // It failed and was stopped while a model was still being made after an attempt to resume it: it is over.
        guard row.status != .stopped, row.status != .completed else { return [] }
        switch result {
        case .made(let made, let state, let norm):
            open?.machine.modelCommitted()
            return endRound(.committed, at: now, made: (made, state), stepNorm: norm)
        case .damagedContributions(let clients):
            let names = clients.map(\.description).joined(separator: ", ")
            return [.note(row.id, "\(number) is given up: the stored updates of \(names) are damaged")]
                + endRound(.abandoned, at: now)
        case .damagedBase(let reason):
            return fail(reason)
        case .failed(let reason):
            deadlines.add(.retry, at: now.advanced(by: settings.retryDelay))
            return [.note(row.id, "the model of \(number) could not be made and will be tried again: \(reason)")]
        }
    }

    mutating func endRound(
        _ outcome: RoundSummary.Outcome, at now: Instant, made: (model: TensorBlob, state: [TensorBlob])? = nil,
        stepNorm: Double = 0
    ) -> [CoordinatorAction] {
        guard let round = roundToEnd else { return [] }
        let number = round.number
        let step = made == nil ? nil : serverStep(for: number)
        let spending = privateRun?.ended(number, released: made == nil ? nil : round.contributions)
        foreseeEnd()
        var due = course.roundEnded(number, outcome)
        due.test = due.test && row.isTestedHere
        var summary = RoundSummary(
            round: number, outcome: outcome, modelVersion: course.modelVersion,
            learningRate: round.learningRate)
        summary.participation = round.participation
        summary.traffic = round.traffic
        summary.staleness = round.staleness
        summary.timing.virtualSeconds = round.openedAt.duration(to: now).inSeconds
        summary.timing.virtualElapsed = row.createdAt.duration(to: now).inSeconds
        summary.timing.realSeconds = summary.timing.virtualSeconds
        summary.privacy = spending
        summary.energy = energySpent(round.contributions, at: now)
        // Whoever adds noise to its update says nothing of its loss.
        summary.trainLoss = asksForNoise ? nil : Self.meanLoss(round.contributions)
        summary.encodingError = Self.meanEncodingError(round.contributions)
        if outcome == .committed { summary.updateNorms = Self.norms(round.contributions, aggregate: stepNorm) }
        work?.stepped(to: course.modelVersion)
        (hasTestScore, hasFederatedScore) = (!due.test, !due.federated)
        let kept = kept(after: round, made?.state)
        let end = RoundEndRow(
            run: row.id, summary: summary, model: made?.model ?? model, optimiserState: kept.optimiser,
            method: kept.method, serverLearningRate: step?.context.learningRate, selection: noteParticipation(),
            counted: made == nil ? nil : counted(round.contributions),
            isScored: hasTestScore && hasFederatedScore, endedAt: now, workFrom: work?.workFrom(after: number))
        self.end = end
        stage = .ending
        changed()
        return [.persist(endBatch(end), token(for: .ending))]
    }

    /// What optimiser and method keep after a round, given the vectors that were made of it; nil for a round given up.
    private func kept(
        after round: RoundToEnd, _ vectors: [TensorBlob]?
    ) -> (optimiser: OptimiserStateRow?, method: MethodStateRow?) {
        guard let vectors else { return (optimiserState, methodState) }
        let form = fitted.strategy.stepOptimiser.stateForm
        return (
            OptimiserStateRow(Array(vectors.prefix(form.vectors.count)), of: form),
            methodState(
                after: methodAdvance(round.contributions), Array(vectors.dropFirst(form.vectors.count)))
        )
    }

    /// The round's end is on disk.
    mutating func ended(at now: Instant) -> [CoordinatorAction] {
        guard stage == .ending, let end else { return [] }
        var actions = collectGarbage(after: end)
        open = nil
        lastSummary = end.summary
        changed()
        if end.isScored {
            actions.append(.publish(row.id, end))
            self.end = nil
            return actions + pruning() + advance(at: now)
        }
        return actions + continueScoring(at: now)
    }

    /// What the ended round leaves behind: its updates, and models beyond those to keep.
    private mutating func collectGarbage(after end: RoundEndRow) -> [CoordinatorAction] {
        var garbage = work?.ended(end) ?? open?.contributions.values.map(\.numbers.digest) ?? []
        if end.model != model {
            formerModels.append(model)
            model = end.model
        }
        // Of what the optimiser kept only the newest can be gone on from.
        if end.optimiserState != optimiserState {
            garbage += optimiserState?.vectors.map(\.blob.digest) ?? []
            optimiserState = end.optimiserState
        }
        garbage += takeMethodState(of: end)
        while formerModels.count > max(plan.checkpoint.keep - 1, 0) {
            garbage.append(formerModels.removeFirst().digest)
        }
        return settings.keepsUpdates || garbage.isEmpty ? [] : [.discard(garbage.sorted())]
    }

    /// What the ledger is to forget, now that the last round has ended.
    func pruning() -> [CoordinatorAction] {
        guard let kept = settings.keptRounds, course.lastRound.rawValue > kept else { return [] }
        let first = RoundNumber(course.lastRound.rawValue - kept + 1)
        // A task that may still be answered is needed however old it is, and so is one whose update waits for its step.
        return [.prune(row.id, before: min(first, work?.workFrom ?? first))]
    }

    /// What the run does between rounds: it waits for clients, or it is over.
    mutating func advance(at now: Instant) -> [CoordinatorAction] {
        stage = .idle
        nextAttempt = nil
        return failIfDamaged() ?? endIfOver(at: now)
    }

    /// Between rounds: goes on with the round that has begun, or notes the run's end, if that has come.
    mutating func endIfOver(at now: Instant) -> [CoordinatorAction] {
        if hasBegunRound { return followBuffer(at: now) }
        guard case .end(let status) = course.nextAction(), row.status == .active || row.status == .paused else {
            return []
        }
        row.status = status == .interrupted ? .stopped : .completed
        row.ending = status
        changed()
        return [.persist([.run(row)], token(for: .status(calls: [], written: row)))]
    }

    /// Something that the run needs is damaged.
    mutating func fail(_ reason: String) -> [CoordinatorAction] {
        row.status = .failed
        row.reason = reason
        changed()
        return [
            .note(row.id, "the run has failed: \(reason)"),
            .persist([.run(row)], token(for: .status(calls: [], written: row))),
        ]
    }

    private static func meanLoss(_ contributions: [ContributionRow]) -> Double? {
        let examples = contributions.reduce(0) { $0 + $1.update.outcome.exampleCount }
        guard examples > 0 else { return nil }
        let sum = contributions.reduce(0) {
            $0 + $1.update.outcome.meanLoss * Double($1.update.outcome.exampleCount)
        }
        return sum / Double(examples)
    }

    private static func meanEncodingError(_ contributions: [ContributionRow]) -> Double? {
        let errors = contributions.compactMap(\.update.encodingError)
        return errors.isEmpty ? nil : errors.reduce(0, +) / Double(errors.count)
    }

    private static func norms(_ contributions: [ContributionRow], aggregate: Double) -> RoundSummary.UpdateNorms? {
        let norms = contributions.map(\.norm)
        guard let smallest = norms.min(), let largest = norms.max() else { return nil }
        let mean = norms.reduce(0, +) / Double(norms.count)
        return RoundSummary.UpdateNorms(smallest: smallest, mean: mean, largest: largest, aggregate: aggregate)
    }
}
