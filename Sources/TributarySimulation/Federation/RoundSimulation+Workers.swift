import TributaryCore

extension RoundSimulation {
    /// Gives every worker empty sums on the round's grids, or has it keep updates.
    func prepareWorkers() {
        let (bound, weightLimit) = sumLimits
        federation.pool.forEachSlot { slot in
            if federation.isKeepingUpdates {
                slot.gathered.beginKeeping(parameterCount: federation.trainer.layout.count, bound: bound)
            } else {
                slot.gathered.beginSum(
                    parameterCount: federation.trainer.layout.count, bound: bound, weightLimit: weightLimit)
            }
            if slot.messageSums.count != form.messages.count {
                slot.messageSums = [UpdateSum?](repeating: nil, count: form.messages.count)
            }
            for (place, message) in form.messages.enumerated() {
                slot.messageSums[place] = emptied(
                    slot.messageSums[place].take(), bound: Float(message.bound), weightLimit: max(cohort.count, 1))
            }
        }
    }

    /// The largest magnitude of a coordinate that is summed, and the largest sum of the weights.
    private var sumLimits: (bound: Float, weightLimit: Int) {
        if let privacy = federation.plan.privacy, let state = federation.state.privacy {
            return state.sumLimits(
                under: privacy, contributions: cohort.count, populationSize: federation.plan.populationSize)
        }
        let weightLimit = cohort.reduce(0) { total, client in
            total + max(weight(of: client, exampleCount: federation.trainer.exampleCount(of: client)), 1)
        }
        return (Float(federation.plan.plan.server.updateBound), weightLimit)
    }

    /// The memory of a sum, if there is one, as the empty sum of this round.
    private func emptied(_ sum: consuming UpdateSum?, bound: Float, weightLimit: Int) -> UpdateSum? {
        if var sum, sum.reset(bound: bound, weightLimit: weightLimit) { return sum }
        return UpdateSum(parameterCount: federation.trainer.layout.count, bound: bound, weightLimit: weightLimit)
    }

    /// The weight of a client's update in the mean.
    private func weight(of client: ClientID, exampleCount: Int) -> Int {
        let strategy = federation.plan.strategy
        return strategy.method.weight(
            of: client, weight: strategy.weighting.weight(exampleCount: exampleCount),
            figures: federation.state.method.figures)
    }
}
