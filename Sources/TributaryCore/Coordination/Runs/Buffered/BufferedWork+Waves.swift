extension BufferedWork {
    /// The name for the next wave of a round.
    func nextWave(of round: RoundNumber, in run: RunID) -> TaskID {
        let last = lastWave.flatMap { $0.round == round ? $0.wave : nil } ?? 0
        return TaskID(run: run, round: round, kind: .train, wave: last + 1)
    }

    /// A wave is about to be written down.
    mutating func willOpen(_ wave: RoundRow) {
        (opening, lastWave) = (wave, wave.id)
        bases[wave.id.round] = Base(version: wave.modelVersion, model: wave.model)
        openCount[wave.id.round, default: 0] += wave.cohort.count
        let closesAt = wave.openedAt.advanced(by: deadline)
        for client in wave.cohort {
            put(Task(id: wave.id, version: wave.modelVersion, closesAt: closesAt), for: client)
        }
    }

    /// It is on disk: its clients are at work from now on. Returns them.
    mutating func opened(at now: Instant) -> [ClientID] {
        guard let wave = opening else { return [] }
        opening = nil
        roundBegan = roundBegan ?? wave.openedAt
        participation.invited += wave.cohort.count
        for client in wave.cohort { set(client, .working(leaseEnds: now.advanced(by: lease))) }
        return wave.cohort
    }

    /// It could not be written: nobody was invited.
    mutating func notOpened() {
        guard let wave = opening else { return }
        opening = nil
        openCount[wave.id.round, default: 0] -= wave.cohort.count
        for client in wave.cohort { remove(client) }
    }
}

extension BufferedWork {
    /// What a coordinator finds that starts: who may be at work, and what counts. `version` is that of the newest model.
    mutating func recover(_ image: LedgerImage.Run, version: ModelVersion, at now: Instant) {
        let last = image.lastEnd?.summary.round ?? RoundNumber(0)
        for wave in image.openRounds where wave.id.wave != nil { recover(wave, version, at: now) }
        for row in image.contributions where row.task.wave != nil {
            openCount[row.task.round, default: 0] -= 1
            if tasks[row.client]?.id == row.task { set(row.client, .answered(.accepted)) }
        }
        for row in image.contributions {
            guard let place = row.place, place.round > last else { continue }
            counted[place.round, default: []].append(row)
            traffic.bytesUp += row.update.blob.byteCount
        }
        workFrom = image.lastEnd?.workFrom
        _ = forgetBases(before: workFrom ?? last.next)
        let first = image.openRounds.first { $0.id.wave != nil }
        roundBegan = image.lastEnd?.endedAt ?? first?.openedAt
        participation.invited = image.openRounds.filter { $0.id.round == last.next }.reduce(0) { $0 + $1.cohort.count }
    }

    private mutating func recover(_ wave: RoundRow, _ version: ModelVersion, at now: Instant) {
        lastWave = wave.id
        openCount[wave.id.round, default: 0] += wave.cohort.count
        bases[wave.id.round] = Base(version: wave.modelVersion, model: wave.model)
        // A clock that was set back must not keep a task open for longer than a new one.
        let closesAt = min(wave.openedAt.advanced(by: deadline), now.advanced(by: deadline))
        let isTooOld = pacing.stalenessLimit.map { version.rawValue - wave.modelVersion.rawValue > $0 } ?? false
        let leaseEnds = now.advanced(by: lease)
        for client in wave.cohort {
            remove(client)
            guard closesAt > now, !isTooOld else { continue }
            put(
                Task(
                    id: wave.id, version: wave.modelVersion, closesAt: closesAt, state: .working(leaseEnds: leaseEnds)),
                for: client)
        }
    }
}
