extension Plan {
    /// Refuses of pacing what works in simulation only so far.
    func checkPacingOverNetwork(_ pacing: Pacing) throws(PlanError) {
        guard case .buffered = pacing else { return }
        // Whoever is to score a model mid-run is at work on one.
        if let interval = evaluation.federatedEvery, interval > 0 {
            throw PlanError(
                "evaluation.federated-every is \(interval), and with this strategy.pacing clients are never free between two "
                    + "rounds, which works in simulation only so far; over a network choose 0, after the last round, or none"
            )
        }
    }
}
