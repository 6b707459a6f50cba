extension Plan {
    /// The fewest clients with which a round of the plan can commit: what a run is checked with where nobody knows beforehand
    /// how many there will be. Where the plan says of how many a round's are drawn, these.
    package var leastPopulation: Int {
        // Where each client is drawn by itself, of how many is said.
        if let population = privacy.population { return max(population, 1) }
        if let count = cohort.count { return max(count, 1) }
        guard case .count(let quorum) = cohort.quorum else { return 1 }
        guard cohort.selection != .all, let fraction = cohort.fraction, fraction > 0 else { return max(quorum, 1) }
        return max(1, Int((Double(quorum) / fraction).rounded(.up)))
    }
}
