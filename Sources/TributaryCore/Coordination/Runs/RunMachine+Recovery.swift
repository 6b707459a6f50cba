extension RunMachine {
    /// A run as the ledger left it. `begin` says what to do first.
    init(recovering image: LedgerImage.Run, settings: CoordinatorMachine.Settings, at now: Instant) throws(PlanError) {
        try self.init(image.row, settings: settings, at: now)
        for change in image.selection { known.apply(change) }
        countedRounds = image.counted
        if let last = image.lastEnd {
            course = CourseMachine(
                course: course.course, lastRound: last.summary.round, modelVersion: last.summary.modelVersion)
            course.evaluated(last.summary.test ?? image.lastTest)
            try recoverPrivacy(image.privacy, after: last.summary.round)
            model = last.model
            optimiserState = last.optimiserState
            try checkOptimiserState(after: last.summary.modelVersion)
            methodState = last.method
            try checkMethodState(after: last.summary.modelVersion)
            lastSummary = last.summary
            if !last.isScored { recoverEnd(last) }
        } else {
            try recoverPrivacy(image.privacy, after: RoundNumber(0))
        }
        if row.isStopRequested { course.stopRequested() }
        // What an ended run left open stays as it is.
        if row.status != .stopped, row.status != .completed {
            recoverOpenRound(image, at: now)
            work?.recover(image, version: course.modelVersion, at: now)
        }
    }

    /// A state that another version of Tributary left in another form must not be misread.
    private func checkOptimiserState(after version: ModelVersion) throws(PlanError) {
        let form = fitted.strategy.stepOptimiser.stateForm
        let fits = optimiserState.map { $0.fits(form) } ?? (form.isEmpty || version == ModelVersion(0))
        guard !fits else { return }
        throw PlanError(
            "the state of its server optimiser has the form '\(optimiserState?.form ?? "")', and this version of Tributary "
                + "knows '\(form.name)'; use the version that began the run")
    }

    private mutating func recoverEnd(_ last: RoundEndRow) {
        let due = course.evaluationsDue(after: last.summary.round)
        end = last
        hasTestScore = last.summary.test != nil || !(due.test && row.isTestedHere)
        hasFederatedScore = last.summary.federated != nil || !due.federated
        stage = .scored
    }

    private mutating func recoverOpenRound(_ image: LedgerImage.Run, at now: Instant) {
        let wanted = TaskID(
            run: row.id, round: end?.summary.round ?? course.lastRound.next, kind: end == nil ? .train : .evaluate)
        guard let round = image.openRounds.last(where: { $0.id == wanted }) else { return }
        let contributions = image.contributions.filter { $0.task == wanted }
        let evaluations = image.evaluations.filter { $0.task == wanted }
        let accepted = Set(contributions.map(\.client)).union(evaluations.map(\.client))
        // A clock that was set back must not keep the round open for longer than a new one.
        let deadline = limits(of: round).deadline
        let closesAt = min(round.openedAt.advanced(by: deadline), now.advanced(by: deadline))
        var recovered = OpenRound(
            row: round, solver: solver(for: round.id.round),
            machine: RoundMachine(
                recovering: round.id.round, limits: limits(of: round), cohort: round.cohort, accepted: accepted,
                closesAt: closesAt, at: now), figures: figures(for: round))
        recovered.contributions = Dictionary(contributions.map { ($0.client, $0) }) { first, _ in first }
        recovered.evaluations = Dictionary(evaluations.map { ($0.client, $0) }) { first, _ in first }
        for row in contributions { recovered.traffic.bytesUp += row.update.blob.byteCount }
        open = recovered
        stage = .collecting
        startTimers(of: round, closesAt: closesAt, at: now)
    }

    /// What to do first.
    mutating func begin(at now: Instant) -> [CoordinatorAction] {
        // Fewer rounds may be wanted than before the start.
        pruning() + goOn(at: now)
    }

    private mutating func goOn(at now: Instant) -> [CoordinatorAction] {
        if row.status == .stopped || row.status == .completed {
            stage = .idle
            return []
        }
        switch stage {
        case .collecting: return proceed(open?.machine.recovered(at: now) ?? .wait, at: now) + followBuffer(at: now)
        case .scored: return continueScoring(at: now)
        case .idle: return advance(at: now)
        case .opening, .making, .ending, .scoring, .closing: return []
        }
    }
}
