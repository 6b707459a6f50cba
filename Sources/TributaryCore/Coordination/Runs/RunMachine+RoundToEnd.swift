/// What the end of a round says of it, however its clients were invited.
struct RoundToEnd {
    var number: RoundNumber
    /// The updates that count, in the order in which they are put together.
    var contributions: [ContributionRow]
    var participation: RoundSummary.Participation
    var traffic: RoundSummary.Traffic
    var openedAt: Instant
    var learningRate: Double
    var staleness: RoundSummary.Staleness?
}

extension RunMachine {
    /// The training round that is open; nil without one.
    var roundToEnd: RoundToEnd? {
        if let work { return bufferedRound(work) }
        guard let round = open else { return nil }
        return RoundToEnd(
            number: round.row.id.round, contributions: round.contributions.values.sorted { $0.client < $1.client },
            participation: round.machine.participation, traffic: round.traffic, openedAt: round.row.openedAt,
            learningRate: round.solver.learningRate)
    }

    /// Its number.
    var numberToEnd: RoundNumber? { work == nil ? open?.row.id.round : nextRound }

    private func bufferedRound(_ work: BufferedWork) -> RoundToEnd {
        let contributions = work.contributions(to: nextRound)
        var participation = work.participation
        participation.reported = contributions.count
        let stalenesses = stalenesses(of: contributions)
        return RoundToEnd(
            number: nextRound, contributions: contributions, participation: participation, traffic: work.traffic,
            openedAt: work.roundBegan ?? row.createdAt,
            learningRate: solver(for: nextRound).learningRate,
            staleness: stalenesses.max().map { largest in
                RoundSummary.Staleness(
                    mean: Double(stalenesses.reduce(0, +)) / Double(stalenesses.count), largest: largest)
            })
    }
}
