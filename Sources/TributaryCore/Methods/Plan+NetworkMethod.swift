extension Plan {
    /// Refuses methods with something to keep or to send that a server and its clients have no place for.
    func checkMethodOverNetwork(_ strategy: Strategy) throws(PlanError) {
        let method = strategy.method
        let (form, name) = (method.form, method.text.description)
        guard !form.isEmpty else { return }
        guard method.populationLimit == nil,
            method.initialFigures(populationSize: 1) == method.initialFigures(populationSize: 2)
        else {
            throw PlanError(
                "strategy.method is \(name), whose clients have to be the same from the first round to the last, and works in "
                    + "simulation only; over a network clients come and go: choose qfedavg, which also favours large losses"
            )
        }
        guard form.messages.isEmpty || strategy.compression == nil && live.updateEncoding == .float32 else {
            throw PlanError(
                "strategy.method is \(name), whose messages follow the update in the same bytes, and these are f32 over a "
                    + "network; leave out strategy.encoding and live.update-encoding")
        }
    }
}
