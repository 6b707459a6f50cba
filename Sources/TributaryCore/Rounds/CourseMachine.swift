/// Decides what a run does next: open a round, evaluate, store a checkpoint, end.
///
/// ```
/// ready → inRound → evaluating → ready … → ended
/// ```
/// A round always ends in evaluation facts (possibly of nothing), so that the question whether the run has reached its
/// target has one place. A request to stop takes effect between rounds.
public struct CourseMachine: Hashable, Sendable {
    /// What the plan says about a run's course.
    public struct Course: Hashable, Sendable {
        /// Rounds to run.
        public var rounds: Int
        /// Evaluate on the central test set every so many rounds and after the last; 0: after the last only.
        public var testEvery: Int
        /// Evaluate on clients' own data every so many rounds and after the last; 0: after the last only; nil: never.
        public var federatedEvery: Int?
        /// Stop at this test accuracy.
        public var stopAccuracy: Double?
        /// The rounds that a privacy budget covers; nil without one.
        public var budgetRounds: Int?

        /// A course with all its parts.
        public init(
            rounds: Int, testEvery: Int, federatedEvery: Int?, stopAccuracy: Double?, budgetRounds: Int? = nil
        ) {
            self.rounds = rounds
            self.testEvery = testEvery
            self.federatedEvery = federatedEvery
            self.stopAccuracy = stopAccuracy
            self.budgetRounds = budgetRounds
        }
    }

    /// What to do next.
    public enum Action: Hashable, Sendable {
        /// Open the round with this number.
        case openRound(RoundNumber)
        /// The run is over; store the final model.
        case end(RunRecord.Status)
    }

    /// Which evaluations the model is due after a round.
    public struct Evaluations: Hashable, Sendable {
        /// Score it on the central test set.
        public var test: Bool
        /// Score it on clients' own data.
        public var federated: Bool
    }

    /// What the plan says about the run's course.
    public private(set) var course: Course
    /// The last round that ended; 0 before the first.
    public private(set) var lastRound: RoundNumber
    /// The global model's version.
    public private(set) var modelVersion: ModelVersion
    private var hasReachedTarget = false
    private var isStopRequested = false

    /// A run that has ended `lastRound` rounds (0 for a new one) and holds `modelVersion`.
    public init(course: Course, lastRound: RoundNumber = RoundNumber(0), modelVersion: ModelVersion = ModelVersion(0)) {
        self.course = course
        self.lastRound = lastRound
        self.modelVersion = modelVersion
    }

    /// What to do between rounds.
    public func nextAction() -> Action {
        if hasReachedTarget { return .end(.reachedTarget) }
        if lastRound.rawValue >= course.rounds { return .end(.completed) }
        if lastRound.rawValue >= course.lastRound { return .end(.budgetSpent) }
        if isStopRequested { return .end(.interrupted) }
        return .openRound(lastRound.next)
    }

    /// A round ended; the answer says which evaluations its model is due.
    public mutating func roundEnded(_ round: RoundNumber, _ outcome: RoundSummary.Outcome) -> Evaluations {
        precondition(round == lastRound.next, "rounds end in order, each once")
        lastRound = round
        if outcome == .committed { modelVersion = modelVersion.next }
        return evaluationsDue(after: round)
    }

    /// Which evaluations the model is due after a round. The last round is due all that are wanted, and is known to be the
    /// last only when it has been scored on the test set if it is by the target that the run ends.
    public func evaluationsDue(after round: RoundNumber) -> Evaluations {
        let isLast = round.rawValue >= course.lastRound || hasReachedTarget
        return Evaluations(
            test: isLast || isDue(round, every: course.testEvery),
            federated: course.federatedEvery.map { isLast || isDue(round, every: $0) } ?? false)
    }

    /// The model scored so on the central test set.
    public mutating func evaluated(_ test: Score?) {
        guard let goal = course.stopAccuracy, let accuracy = test?.accuracy else { return }
        if accuracy >= goal { hasReachedTarget = true }
    }

    /// Somebody asked the run to stop after the open round, or took the request back.
    public mutating func stopRequested(_ isRequested: Bool = true) {
        isStopRequested = isRequested
    }

    /// A privacy budget covers rounds up to the given one: more than was foreseen, where rounds were given up that cost nothing.
    public mutating func budgetCovers(roundsThrough last: Int) {
        course.budgetRounds = last
    }

    private func isDue(_ round: RoundNumber, every interval: Int) -> Bool {
        interval > 0 && round.rawValue % interval == 0
    }
}

extension CourseMachine.Course {
    /// The last round that there can be.
    fileprivate var lastRound: Int { min(rounds, budgetRounds ?? rounds) }
}
