/// Rounds whose clients are drawn with the run's secret, each by itself with a probability that stands in the plan
/// (`ClientDraw`), so that what a round costs may be counted as that of a random sample.
///
/// For that, whether a client's update counts must depend on nothing but its own draw and on what the client does: not on who
/// else was drawn, or how many, or how fast they are. So all who are registered are drawn for, whether they are there or not; a
/// round lasts until its deadline, also if everybody has answered or nobody was drawn; whoever was drawn and comes in that time has
/// its task; and what has come by then is summed, be it nothing. When a round opens does not depend on the draw either: it does as
/// soon as the fewest clients that the plan asks for are there.
extension RunMachine {
    /// Whether the clients of training rounds are drawn so.
    var isSampled: Bool { privateRun?.isSampled == true }

    /// Whether what is asked is asked until a deadline, whoever answers.
    func isTimed(_ id: TaskID) -> Bool { isSampled && id.kind == .train }

    /// No number of contributions closes such a round, and none is too few.
    var timedLimits: RoundMachine.Limits {
        var limits = RoundMachine.Limits(
            goal: .max, quorum: 1, deadline: plan.cohort.deadline, lease: plan.cohort.lease)
        limits.isTimed = true
        return limits
    }

    /// Opens a round for those who are drawn of all registered clients that meet the target.
    mutating func openSampled(_ round: RoundNumber, _ draw: ClientDraw, at now: Instant) -> [CoordinatorAction] {
        let cohort = eligible(clients.filter(draw.isDrawn), in: round).sorted()
        return open(
            RoundRow(
                id: TaskID(run: row.id, round: round, kind: .train), cohort: cohort, goal: cohort.count, quorum: 0,
                openedAt: now, modelVersion: course.modelVersion, model: model))
    }

    /// Whether nobody could begin with a round's model. Such a round is not closed early for it, as others are.
    func isPastBeginning(_ round: RoundRow) -> Bool { isTimed(round.id) && damage?.model == round.model }
}
