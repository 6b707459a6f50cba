/// A mean over seeds and how sure it is.
public struct SweepEstimate: Codable, Hashable, Sendable {
    /// The arithmetic mean.
    public let mean: Double
    /// The mean's standard error s/√n, with s² = Σ(x − mean)²/(n − 1); nil for one value.
    public let standardError: Double?
    /// n: the number of values.
    public let count: Int

    /// The estimate from values; nil without any.
    public init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        count = values.count
        let n = Double(values.count)
        let mean = values.reduce(0, +) / n
        self.mean = mean
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        standardError = values.count > 1 ? (squares / (n - 1) / n).squareRoot() : nil
    }
}

/// What settings are ranked by.
public enum SweepMetric: String, Codable, CaseIterable, Sendable {
    /// The last accuracy on the central test set: the highest is best.
    case finalAccuracy = "final-accuracy"
    /// The last accuracy on clients' own data, where there is no central test set: the highest is best.
    case federatedAccuracy = "federated-accuracy"
    /// The last loss on the central test set, where there is no accuracy: the lowest is best.
    case finalLoss = "final-loss"
    /// The last loss on clients' own data: the lowest is best.
    case federatedLoss = "federated-loss"

    /// The figure of one run.
    public func value(of result: SweepResult) -> Double? {
        switch self {
        case .finalAccuracy: result.finalAccuracy
        case .federatedAccuracy: result.federatedAccuracy
        case .finalLoss: result.finalLoss
        case .federatedLoss: result.federatedLoss
        }
    }

    /// Whether more is better.
    public var isHigherBetter: Bool { self == .finalAccuracy || self == .federatedAccuracy }
}

/// What is known of every setting of a sweep, the best first.
public struct SweepSummary: Codable, Hashable, Sendable {
    /// What they are ranked by; nil as long as no run has a figure.
    public let metric: SweepMetric?
    /// The settings, the best first; those without a figure last.
    public let rows: [Row]

    /// What is known of one setting.
    public struct Row: Codable, Hashable, Sendable {
        /// The setting.
        public let setting: SweepSetting
        /// Its runs.
        public let runCount: Int
        /// Those that ended.
        public let completedCount: Int
        /// Those that could not be run.
        public let failedCount: Int
        /// The last accuracy on the central test set, in 0 ... 1.
        public let finalAccuracy: SweepEstimate?
        /// The best accuracy of any round.
        public let bestAccuracy: SweepEstimate?
        /// The last loss on the central test set.
        public let finalLoss: SweepEstimate?
        /// The last accuracy on clients' own data, in 0 ... 1.
        public let federatedAccuracy: SweepEstimate?
        /// The last loss there.
        public let federatedLoss: SweepEstimate?
        /// Rounds to the target, over the runs that reached it.
        public let roundsToTarget: SweepEstimate?

        /// The figure that it is ranked by.
        public func estimate(_ metric: SweepMetric) -> SweepEstimate? {
            switch metric {
            case .finalAccuracy: finalAccuracy
            case .federatedAccuracy: federatedAccuracy
            case .finalLoss: finalLoss
            case .federatedLoss: federatedLoss
            }
        }
    }

    /// What the runs that ended say.
    public init(_ record: SweepRecord) {
        let bySetting = Dictionary(grouping: record.runs, by: \.setting)
        let results = record.runs.compactMap(\.result)
        let metric = SweepMetric.allCases.first { metric in results.contains { metric.value(of: $0) != nil } }
        self.metric = metric
        let rows = record.settings.map { Row($0, bySetting[$0.number] ?? []) }
        guard let metric else {
            self.rows = rows
            return
        }
        // A figure that is not a number comes after all that are, a missing one after that.
        let keys = Dictionary(
            uniqueKeysWithValues: rows.map { row in
                let mean = row.estimate(metric)?.mean
                let value = mean.map { metric.isHigherBetter ? -$0 : $0 }
                return (row.setting.number, (mean == nil ? 2 : mean?.isNaN == true ? 1 : 0, value ?? 0))
            })
        self.rows = rows.sorted { first, second in
            let (a, b) = (keys[first.setting.number] ?? (2, 0), keys[second.setting.number] ?? (2, 0))
            if a.0 != b.0 { return a.0 < b.0 }
            if a.0 == 0, a.1 != b.1 { return a.1 < b.1 }
            return first.setting.number < second.setting.number
        }
    }
}

extension SweepSummary.Row {
    fileprivate init(_ setting: SweepSetting, _ runs: [SweepRecord.Run]) {
        self.setting = setting
        let results = runs.compactMap(\.result)
        runCount = runs.count
        completedCount = runs.count { $0.state == .completed }
        failedCount = runs.count { $0.state == .failed }
        finalAccuracy = SweepEstimate(results.compactMap(\.finalAccuracy))
        bestAccuracy = SweepEstimate(results.compactMap(\.bestAccuracy))
        finalLoss = SweepEstimate(results.compactMap(\.finalLoss))
        federatedAccuracy = SweepEstimate(results.compactMap(\.federatedAccuracy))
        federatedLoss = SweepEstimate(results.compactMap(\.federatedLoss))
        roundsToTarget = SweepEstimate(results.compactMap { $0.targetRound.map(Double.init) })
    }
}
