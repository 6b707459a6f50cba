import TributaryCore
import TributaryMath

extension Federation {
    /// Whether a round's updates are needed one by one when it ends.
    var isKeepingUpdates: Bool { plan.strategy.aggregation.part.rule != nil || adversaries.needHonestUpdates }

    /// One update of all that the workers gathered in a round; nil if that is nothing.
    func aggregate(of round: RoundNumber) -> [Double]? {
        isKeepingUpdates ? combined(in: round) : gatheredSum()?.mean()
    }

    /// The exact sum of the round's updates.
    func gatheredSum() -> UpdateSum? {
        var total: UpdateSum?
        pool.forEachSlot { slot in
            guard let part = slot.gathered.sum, part.contributionCount > 0 else { return }
            if total == nil { total = part } else { total?.merge(part) }
        }
        return total
    }

    /// What the aggregation makes of updates that were kept, in their clients' order. The plan was checked to leave a rule
    /// enough of them.
    private func combined(in round: RoundNumber) -> [Double]? {
        var kept: [GatheredUpdates.Kept] = []
        pool.forEachSlot { kept += $0.gathered.kept }
        return combination(of: kept, in: round)
    }

    /// What the aggregation makes of updates.
    func combination(of updates: [GatheredUpdates.Kept], in round: RoundNumber) -> [Double]? {
        var kept = updates
        kept.sort { $0.client < $1.client }
        let bound = Float(plan.plan.server.updateBound)
        adversaries.forge(&kept, bound: bound, seed: seed.derived("attacks", UInt64(round.rawValue)))
        guard let rule = plan.strategy.aggregation.part.rule else {
            var sum = UpdateSum(
                parameterCount: trainer.layout.count, bound: bound, weightLimit: kept.reduce(0) { $0 + $1.weight })
            for update in kept { _ = sum?.add(update.values, weight: update.weight) }
            return sum?.mean()
        }
        do {
            return try rule.aggregate(
                MemoryUpdates(
                    kept.map(\.values), weights: kept.map(\.weight),
                    previous: state.optimiser.previousAggregate(of: rule)))
        } catch {
            preconditionFailure("checked updates, and as many as the plan allows: \(error)")
        }
    }
}
