extension RunMachine {
    /// Does the next of the evaluations that the ended round's model is due; when all are done, writes them down.
    mutating func continueScoring(at now: Instant) -> [CoordinatorAction] {
        guard let end else { return [] }
        let round = end.summary.round
        if !hasTestScore {
            stage = .scoring
            return [.score(row.id, round, model)]
        }
        // The test may have shown that the run ends with this round.
        if course.evaluationsDue(after: round).federated, end.summary.federated == nil, !hasAskedClients {
            hasFederatedScore = false
        }
        if !hasFederatedScore {
            stage = .scored
            nextAttempt = nil
            return []
        }
        return close()
    }

    private var hasAskedClients: Bool { end.map { $0.summary.round == askedClientsAfter } ?? false }

    private mutating func close() -> [CoordinatorAction] {
        guard var end else { return [] }
        end.isScored = true
        self.end = end
        stage = .closing
        return [.persist([.roundEnded(end)], token(for: .closing))]
    }

    /// The model scored so on the test set; nil if it could not be scored.
    mutating func scored(_ score: Score?, of round: RoundNumber, at now: Instant) -> [CoordinatorAction] {
        guard stage == .scoring, end?.summary.round == round else { return [] }
        end?.summary.test = score
        hasTestScore = true
        course.evaluated(score)
        return continueScoring(at: now)
    }

    /// All clients that were asked to score the model have answered, or their time is up.
    mutating func endEvaluation(at now: Instant) -> [CoordinatorAction] {
        guard let round = open else { return [] }
        let evaluations = round.evaluations.values.sorted { $0.client < $1.client }
        end?.summary.federated = FederatedScore(evaluations.map(\.evaluation))
        let personal = personalScore(evaluations)
        end?.summary.personal = personal
        hasFederatedScore = true
        askedClientsAfter = round.row.id.round
        open = nil
        changed()
        return continueScoring(at: now)
    }

    /// The scores are on disk: the round is over.
    mutating func closed(at now: Instant) -> [CoordinatorAction] {
        guard stage == .closing, let end else { return [] }
        lastSummary = end.summary
        self.end = nil
        changed()
        return [.publish(row.id, end)] + pruning() + advance(at: now)
    }
}
