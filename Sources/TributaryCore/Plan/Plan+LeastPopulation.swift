extension Plan {
    /// The fewest clients with which a round of the plan can commit: what a run is checked with where nobody knows beforehand
    /// how many there will be.
    package var leastPopulation: Int {
        if let count = cohort.count { return max(count, 1) }
        guard case .count(let quorum) = cohort.quorum else { return 1 }
        guard cohort.selection != .all, let fraction = cohort.fraction, fraction > 0 else { return max(quorum, 1) }
        return max(1, Int((Double(quorum) / fraction).rounded(.up)))
    }
}
