public import TributaryCore

/// Is told how a run goes; cannot change it.
public protocol RunObserver: Sendable {
    /// The run begins, or goes on after the given earlier rounds.
    func runBegan(_ record: RunRecord, earlier: [RoundSummary])
    /// A round ended; the record includes it.
    func roundEnded(_ round: RoundSummary, in record: RunRecord)
    /// The rounds are over and a baseline is being trained.
    func baselineBegan(_ kind: RunRecord.Baseline.Kind)
    /// The run ended and everything is written.
    func runEnded(_ record: RunRecord)
}

extension RunObserver {
    /// Takes no notice.
    public func runBegan(_ record: RunRecord, earlier: [RoundSummary]) {}
    /// Takes no notice.
    public func roundEnded(_ round: RoundSummary, in record: RunRecord) {}
    /// Takes no notice.
    public func baselineBegan(_ kind: RunRecord.Baseline.Kind) {}
    /// Takes no notice.
    public func runEnded(_ record: RunRecord) {}
}
