import TributaryCore

extension Federation {
    /// The method's part of a committed round: the pseudo-gradient in place of the mean update, its own state, and what the
    /// clients whose updates counted remember from now on.
    func advanceMethod(_ state: inout MethodState, _ mean: inout [Double], _ contributions: Contributions) {
        let method = plan.strategy.method
        let step = MethodStep(method, populationSize: plan.populationSize)
        let entries = contributions.entries
        step.advance(
            &mean, message: method.form.messages.indices.flatMap { messageMean($0) },
            contributions: entries.map {
                MethodContribution(client: $0.client, weight: $0.weight, figures: $0.figures)
            }, state: &state)
        for entry in entries {
            if let memory = entry.memory { state.clients.commit(memory, of: entry.client) }
        }
    }

    /// The mean of one of the messages over the round's contributions.
    private func messageMean(_ place: Int) -> [Double] {
        var total: UpdateSum?
        pool.forEachSlot { slot in
            guard let part = slot.messageSums[place], part.contributionCount > 0 else { return }
            if total == nil { total = part } else { total?.merge(part) }
        }
        return total?.mean() ?? [Double](repeating: 0, count: trainer.layout.count)
    }
}
