import Foundation
import Testing
import TributaryCore
import TributaryReports

/// Runs that a report has to cope with.
enum SampleRuns {
    static let all: [(name: String, run: SyntheticRun)] = [
        ("usual", SyntheticRun()),
        ("one", SyntheticRun(roundCount: 1)),
        ("none", SyntheticRun(roundCount: 0)),
        ("few", SyntheticRun(roundCount: 8, federatedEvery: 2, pace: 3)),
        ("thousand", SyntheticRun(roundCount: 1_000, federatedEvery: 10, pace: 160)),
        ("diverged", SyntheticRun(roundCount: 60, divergesAt: 41)),
        ("regression", SyntheticRun(name: "House prices", roundCount: 80, isRegression: true)),
        ("abandoned", SyntheticRun(roundCount: 40, abandonProbability: 1)),
        ("sparse", SyntheticRun(roundCount: 300, evaluateEvery: 20, federatedEvery: 60)),
        ("zero", SyntheticRun(roundCount: 20)),
    ]

    /// The record and rounds of a sample, with what is special about it beyond the curve.
    static func make(_ name: String, _ run: SyntheticRun) -> (RunRecord, [RoundSummary]) {
        var rounds = run.rounds()
        if name == "zero" {
            rounds = rounds.map {
                RoundSummary(round: $0.round, outcome: .abandoned, modelVersion: .init(0), learningRate: 0)
            }
        }
        var record = run.record(of: rounds, target: run.isRegression ? nil : 0.8)
        if name == "usual" {
            let clients = (0..<40).map { Evaluation(exampleCount: 50, lossSum: 40, correctCount: 20 + $0 / 2) }
            record.baselines = [
                .init(
                    kind: .local, test: Score(exampleCount: 10_000, loss: 1.61, accuracy: 0.5814),
                    federated: FederatedScore(clients)),
                .init(kind: .pooled, test: Score(exampleCount: 10_000, loss: 0.352, accuracy: 0.8871), federated: nil),
            ]
        }
        return (record, rounds)
    }
}

/// Writes the pages of all samples to the folder that TRIBUTARY_REPORT_SAMPLES names, to be looked at.
@Test(.enabled(if: ProcessInfo.processInfo.environment["TRIBUTARY_REPORT_SAMPLES"] != nil))
func writeSampleReports() throws {
    let base = try #require(ProcessInfo.processInfo.environment["TRIBUTARY_REPORT_SAMPLES"])
    for (name, run) in SampleRuns.all {
        let (record, rounds) = SampleRuns.make(name, run)
        let folder = RunFolder("\(base)/\(name)")
        try folder.create()
        try folder.writeReport(RunReport(record: record, rounds: rounds).html())
        try folder.write(record)
        let log = try RoundLog(folder)
        try log.truncate(after: RoundNumber(0))
        for round in rounds { try log.append(round) }
        try folder.writeEvents(rounds, startedAt: 1_700_000_000)
    }
}

extension SampleRuns {
    /// Runs to compare, differing in pace and plan; the last two have the same name.
    static func comparison(_ count: Int) -> [ComparisonReport.Run] {
        (0..<count).map { place in
            var run = SyntheticRun(
                name: place < count - 1
                    ? ["FedAvg", "FedProx", "SCAFFOLD", "FedAdam"][place % 4] + (place > 3 ? " \(place)" : "")
                    : "FedAvg",
                seed: UInt64(place + 1), roundCount: 120 + 10 * place, ceiling: 0.8 + 0.012 * Double(place),
                pace: 16 + 5 * Double(place))
            run.plan["algorithm"]?["name"] = run.name.lowercased()
            run.plan["client"]?["epochs"] = "\(1 + place % 3)"
            let rounds = run.rounds()
            return .init(record: run.record(of: rounds), rounds: rounds, folder: "runs/\(place)-\(run.seed)")
        }
    }
}

/// Writes comparisons of few and of many runs, to be looked at.
@Test(.enabled(if: ProcessInfo.processInfo.environment["TRIBUTARY_REPORT_SAMPLES"] != nil))
func writeSampleComparisons() throws {
    let base = try #require(ProcessInfo.processInfo.environment["TRIBUTARY_REPORT_SAMPLES"])
    for count in [3, 12] {
        let folder = RunFolder("\(base)/comparison-\(count)")
        try folder.create()
        try folder.writeReport(ComparisonReport(runs: SampleRuns.comparison(count)).html())
    }
}
