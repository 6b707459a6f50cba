/// Models that clients score while others train on.
///
/// Where the model moves as updates come, a model that is due to be scored is scored by clients that are free, and training
/// goes on beside that. The next step waits for them: until all have answered, for `live.ask-deadline` at most, and no longer
/// than until updates for two steps are in, as nobody is invited to train then any more.
extension RunMachine {
    /// Whether training goes on while clients score the model.
    var scoresInPassing: Bool {
        guard work != nil, case .openRound = course.nextAction() else { return false }
        return true
    }

    /// Whether so many updates wait for steps that nobody is invited to train: for two, or for all that there may be.
    var isTrainingFull: Bool {
        guard scoresInPassing else { return false }
        return place(startingFrom: course.modelVersion).map { $0.round > nextRound.next } ?? true
    }

    /// Those of the clients who are free who may be asked for scores: whoever is not needed at a place to train, and one at
    /// least.
    func spareScorers(of available: [ClientID]) -> (clients: [ClientID], count: Int) {
        guard let work, scoresInPassing else { return (available, available.count) }
        // Who was lost may still hand its update in, and has one task at a time.
        let idle = available.filter { work.tasks[$0]?.isUnanswered != true }
        let places = work.freePlaces(of: work.concurrency ?? plan.cohort.count ?? 1)
        return (idle, max(1, available.count - places))
    }

    /// Training would stand still: scoring ends with the scores that have come.
    mutating func cutScoringShort(at now: Instant) -> [CoordinatorAction] {
        switch stage {
        case .scored: return giveUpScoring(at: now)
        case .collecting: return proceed(open?.machine.closed(at: now) ?? .wait, at: now)
        case .idle, .opening, .making, .ending, .scoring, .closing: return []
        }
    }

    /// Nobody is asked for scores of the last model any more.
    mutating func giveUpScoring(at now: Instant) -> [CoordinatorAction] {
        scoringWait = nil
        hasFederatedScore = true
        askedClientsAfter = end?.summary.round
        return continueScoring(at: now)
    }
}
