import TributaryCore

/// Runs with a method: what came with updates, what is made of it, and what the server keeps.
extension Checks {
    /// An update was accepted with just the figures that its run's method has.
    mutating func checkReport(of row: ContributionRow, _ run: RunRecord) {
        guard !run.method.isEmpty else {
            return require(row.update.method == nil, "methods", "\(row.task): figures that nobody asked for")
        }
        let figures = row.update.method?.figures
        let isSound = figures?.count == run.method.figureCount && figures?.allSatisfy { $0.magnitude <= 1e100 } == true
        require(isSound, "methods", "\(row.task): \(row.client) counts with \(figures?.description ?? "no figures")")
    }

    /// What a committed round's mean is multiplied by; brings what the server keeps up to date.
    mutating func methodFactor(_ recorded: [ContributionRow], _ run: inout RunRecord) -> Double {
        // What was accepted without its figures is a violation already.
        guard recorded.allSatisfy({ ($0.update.method?.figures.count ?? 0) == run.method.figureCount }) else {
            return 1
        }
        return run.method.factor(recorded.map { ($0.weight, $0.update.method?.figures ?? []) })
    }

    /// What a round's end says that the server keeps is what was computed here.
    mutating func checkMethod(_ row: RoundEndRow, _ run: RunRecord) {
        let isThere = (row.method != nil) == (!run.method.isEmpty && run.version > ModelVersion(0))
        require(isThere, "methods", "\(row.run), \(row.summary.round): \(row.method?.form ?? "nothing") is kept")
        guard let kept = row.method else { return }
        require(
            kept.figures.map(\.bitPattern) == run.method.figures.map(\.bitPattern), "methods",
            "\(row.run), \(row.summary.round): keeps \(kept.figures), not \(run.method.figures)")
    }
}
