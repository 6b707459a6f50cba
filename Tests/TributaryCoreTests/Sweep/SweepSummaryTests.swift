import Testing
import TributaryCore

/// Figures over seeds, and which setting is the best.
@Suite struct SweepSummaryTests {
    @Test func meanAndStandardErrorAreThoseComputedByHand() throws {
        // Σ(x − 5)² = 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32; s² = 32/7; s²/8 = 4/7.
        let estimate = try #require(SweepEstimate([2, 4, 4, 4, 5, 5, 7, 9]))
        #expect(estimate.mean == 5 && estimate.count == 8)
        #expect(estimate.standardError == (4.0 / 7).squareRoot())
        let two = try #require(SweepEstimate([1, 2]))
        #expect(two.mean == 1.5 && two.standardError == 0.5)
        let one = try #require(SweepEstimate([0.25]))
        #expect(one.mean == 0.25 && one.standardError == nil)
        #expect(SweepEstimate([]) == nil)
    }

    /// A record of settings with the given figures of two seeds each; nil has not ended.
    private func record(_ figures: [[Double?]], of path: WritableKeyPath<SweepResult, Double?>) throws -> SweepRecord {
        let values = (1...figures.count).map(String.init).joined(separator: ",")
        let axis = try SweepAxis(field: "local.epochs", values: values, on: Plan())
        var record = SweepRecord(try SweepDesign(base: Plan(), axes: [axis], seedCount: 2), version: "test")
        for (place, figure) in figures.joined().enumerated() {
            guard let figure else { continue }
            var run = RunRecord(
                version: "test", name: "test", seed: 1, plan: [:],
                data: .init(
                    set: "x", trainExamples: 1, testExamples: 1, classes: nil, clients: 1, partition: "iid",
                    shardSizes: nil),
                model: .init(name: "x", parameters: 1),
                machine: .init(
                    processor: "", cores: 1, memoryBytes: 1, system: "", swift: "", blas: "", workers: 1))
            run.target = .init(accuracy: 0.5)
            var result = SweepResult(run, rounds: [])
            result[keyPath: path] = figure
            record.runs[place].result = result
            record.runs[place].state = .completed
        }
        return record
    }

    private static let figures: [[Double?]] = [
        [0.1, 0.3], [nil, nil], [0.9, .nan], [0.5, 0.7], [0.2, 0.2], [0.4, nil],
    ]

    @Test func theBestComesFirstAndWhatHasNoFigureLast() throws {
        let accuracy = SweepSummary(try record(Self.figures, of: \.finalAccuracy))
        #expect(accuracy.metric == .finalAccuracy)
        #expect(accuracy.rows.map(\.setting.number) == [4, 6, 1, 5, 3, 2])
        #expect(accuracy.rows.map(\.completedCount) == [2, 1, 2, 2, 2, 0])
        let loss = SweepSummary(try record(Self.figures, of: \.finalLoss))
        #expect(loss.metric == .finalLoss)
        #expect(loss.rows.map(\.setting.number) == [1, 5, 6, 4, 3, 2])
        #expect(SweepSummary(try record([[nil, nil], [nil, nil]], of: \.finalLoss)).metric == nil)
    }

    @Test func roundsToTheTargetAreOverThoseThatReachedIt() throws {
        var record = try record([[0.5, 0.6], [0.7, 0.7]], of: \.finalAccuracy)
        for (place, round) in [10, nil, 4, 6].enumerated() { record.runs[place].result?.targetRound = round }
        let rows = SweepSummary(record).rows
        #expect(rows[0].roundsToTarget == SweepEstimate([4, 6]))
        #expect(rows[1].roundsToTarget == SweepEstimate([10]))
    }
}
