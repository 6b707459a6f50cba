extension Plan {
    /// Refuses methods with something to send that an encoding has no place for.
    func checkMethodOverNetwork(_ strategy: Strategy) throws(PlanError) {
        let (form, name) = (strategy.method.form, strategy.method.text.description)
        guard form.messages.isEmpty || strategy.compression == nil && live.updateEncoding == .float32 else {
            throw PlanError(
                "strategy.method is \(name), whose messages follow the update in the same bytes, and these are f32 over a "
                    + "network; leave out strategy.encoding and live.update-encoding")
        }
    }
}
