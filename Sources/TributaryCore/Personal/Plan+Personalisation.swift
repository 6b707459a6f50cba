extension Plan {
    /// Refuses a personalisation where the clients that the plan makes have nothing to score their models on. Over a network
    /// clients have data of their own, and say so themselves if they hold none out.
    func checkHoldsOut() throws(PlanError) {
        guard let part = strategy.personalisation, data.test <= 0 else { return }
        throw PlanError(
            "strategy.personalisation is \(part.name), and clients hold nothing out to score their models on; give data.test, "
                + "such as 0.2")
    }

    /// Refuses a personalisation beside what would keep its clients from scoring their models, or what would have the server see
    /// something that stays with them.
    func checkPersonalisationOverNetwork(_ strategy: Strategy) throws(PlanError) {
        guard let personalisation = strategy.personalisation else { return }
        let name = self.strategy.personalisation?.name ?? ""
        if case .local? = strategy.privacy?.kind {
            throw PlanError(
                "strategy.personalisation is \(name), whose clients tell how well their models do, and with privacy.mechanism "
                    + "\(privacy.mechanism?.name ?? "local") nothing may be told of them without noise; leave one of them out"
            )
        }
        guard case .ownHead = personalisation, let encoding = strategy.compression?.encoding, encoding.plain == nil
        else {
            return
        }
        throw PlanError(
            "strategy.personalisation is \(name), a part of whose updates stays with clients and is plain zeros over a network, "
                + "and strategy.encoding is \(encoding); choose f16 or bf16, or leave it out")
    }
}
