import Testing
import TributaryCore
import TributaryStore
import TributaryTesting

/// What tests of private runs have in common.
extension CoordinatorWorld {
    /// What a run comes to when it is computed again.
    struct Recomputed {
        var lastModel: TensorBlob
        /// Updates that count, and those of them that were clipped.
        var contributionCount = 0, clippedCount = 0
    }

    /// Computes every model, and what was spent on it, again on whole vectors, as a simulation does. `size` is the number of
    /// clients that the plan's rounds are drawn of, and the most that a round may have.
    func recompute(_ ledger: MemoryLedger, size: Int = 4) async throws -> Recomputed {
        let run = try #require(try await ledger.load().image.runs.first)
        let resolved = try ResolvedPlan(Plan(text: run.row.plan), populationSize: size, isOpen: true)
        let privacy = try #require(resolved.privacy)
        var state = try PrivacyState(privacy)
        var model = try #require(try store.floats(run.row.initialModel))
        var kept = OptimiserState(initial: resolved.strategy.optimiser.stateForm, parameterCount: model.count)
        let ends = try await ledger.rounds(of: run.row.id, after: RoundNumber(0), limit: 100)
        var recomputed = Recomputed(lastModel: run.row.initialModel)
        for end in ends {
            #expect(end.summary.outcome == .committed)
            let task = TaskID(run: run.row.id, round: end.summary.round, kind: .train)
            let contributions = try #require(try await ledger.round(task)).contributions
            let (mean, clipped) = try release(contributions, in: end.summary.round, &state, privacy, model.count, size)
            let norm = resolved.serverStep(for: end.summary.round, making: end.summary.modelVersion).advance(
                &model, state: &kept, along: mean)
            #expect(try store.floats(end.model)?.map(\.bitPattern) == model.map(\.bitPattern))
            #expect(contributions.isEmpty || end.summary.updateNorms?.aggregate == norm)
            #expect(end.summary.privacy?.epsilon == state.spent?.epsilon)
            let share = contributions.isEmpty ? nil : Double(clipped) / Double(contributions.count)
            #expect(end.summary.privacy?.clippedShare == share)
            recomputed.lastModel = end.model
            recomputed.contributionCount += contributions.count
            recomputed.clippedCount += clipped
        }
        let row = try #require(run.privacy)
        #expect(row.state == state && row.round == ends.last?.summary.round)
        #expect(row.key == CoordinatorWorld.noiseKey)
        return recomputed
    }

    /// What a round lets out, and how many of its updates were clipped.
    private func release(
        _ contributions: [ContributionRow], in round: RoundNumber, _ state: inout PrivacyState,
        _ privacy: RoundPrivacy, _ parameterCount: Int, _ size: Int
    ) throws -> (mean: [Double], clipped: Int) {
        state.begin(round, under: privacy)
        let limits = state.sumLimits(under: privacy, contributions: size, populationSize: size)
        var sum = try #require(
            UpdateSum(parameterCount: parameterCount, bound: limits.bound, weightLimit: limits.weightLimit))
        var clipped = 0
        for contribution in contributions {
            var update = try #require(try store.floats(contribution.numbers))
            if case .clipped = state.clip(under: privacy).clip(&update) { clipped += 1 }
            let refusal = sum.add(update, weight: 1)
            #expect(refusal == nil)
        }
        let mean = state.release(
            sum, within: contributions.count - clipped, from: contributions.map(\.client), in: round, under: privacy,
            keys: RoundKeys(run: CoordinatorWorld.noiseKey, contributions: contributions))
        return (mean, clipped)
    }

    /// The deaths before and after each of so many commits.
    static func deaths(atCommits count: Int) -> [DyingLedger.Death] {
        (1...count).flatMap { [.before($0), .after($0)] }
    }

    /// Lives that end with these deaths, each with another one after it on what the disk has, to the end of the run; `check`
    /// looks at what came of that.
    ///
    /// - Parameter mayOutlive: whether a life may be over before its death, as not all make the same commits.
    static func die(
        _ deaths: [DyingLedger.Death], mayOutlive: Bool = false, in make: () -> CoordinatorWorld,
        check: (MemoryLedger, CoordinatorWorld, DyingLedger.Death) async throws -> Void
    ) async throws {
        for death in deaths {
            let world = make()
            let dying = DyingLedger(MemoryLedger(), death: death)
            let end = try await world.live(on: dying)
            #expect(end == .died || mayOutlive, "\(death)")
            world.store.crash()
            let reopened = DyingLedger(MemoryLedger(reopening: dying.rows))
            #expect(try await world.live(on: reopened) == .completed)
            try await check(reopened.rows, world, death)
        }
    }
}
