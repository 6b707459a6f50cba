extension BufferedWork {
    /// An update is about to be written down.
    mutating func willWrite(_ row: ContributionRow) {
        if let round = row.place?.round { writing[round, default: 0] += 1 }
    }

    /// It is on disk, or could not be written.
    mutating func written(_ row: ContributionRow, isOnDisk: Bool) {
        guard let round = row.place?.round else { return }
        writing[round] = writing[round].flatMap { $0 > 1 ? $0 - 1 : nil }
        guard isOnDisk else { return }
        counted[round, default: []].append(row)
        openCount[row.task.round, default: 0] -= 1
    }

    /// The step of a round is decided, and the model has the given version: tasks that are too old for the next step are
    /// over, and the next round's figures begin.
    mutating func stepped(to version: ModelVersion) {
        (participation, traffic) = (RoundSummary.Participation(), RoundSummary.Traffic())
        for (client, task) in tasks {
            switch task.state {
            case .working, .lost:
                guard let limit = pacing.stalenessLimit, version.rawValue - task.version.rawValue > limit else {
                    continue
                }
                if task.isBusy { participation.dropped[.stale, default: 0] += 1 }
                remove(client)
            case .answered: remove(client)
            case .invited, .arrived: break
            }
        }
    }

    /// The run is over: all tasks are, but for those whose updates are on their way to an answer. Returns what was kept for
    /// them.
    mutating func clear() -> [BlobDigest] {
        for (client, task) in tasks where task.state != .arrived { remove(client) }
        defer { bases = [:] }
        return bases.values.map(\.model.digest)
    }

    /// The end of a round is on disk, and the first task that a coordinator which starts would know of is of the round
    /// `workFrom`: what was kept for it and is not needed any more.
    mutating func ended(_ end: RoundEndRow) -> [BlobDigest] {
        roundBegan = end.endedAt
        var garbage = (counted.removeValue(forKey: end.summary.round) ?? []).map(\.numbers.digest)
        workFrom = end.workFrom
        garbage += forgetBases(before: end.workFrom ?? end.summary.round.next)
        return garbage
    }

    /// The rounds whose models are needed for updates which wait for their step: those that are mixed into the newest model
    /// say only how far they are from these.
    private var roundsMixedFrom: Set<RoundNumber> {
        pacing.isMixing ? Set(counted.values.joined().map(\.task.round)) : []
    }

    /// Forgets the models that no task may start from any more, also not for a coordinator which starts, and that no step
    /// needs.
    mutating func forgetBases(before first: RoundNumber) -> [BlobDigest] {
        var garbage: [BlobDigest] = []
        let awaited = roundsMixedFrom
        for (round, base) in bases where round < first || openCount[round, default: 0] == 0 {
            guard !awaited.contains(round) else { continue }
            garbage.append(base.model.digest)
            (bases[round], openCount[round]) = (nil, nil)
        }
        return garbage
    }
}
