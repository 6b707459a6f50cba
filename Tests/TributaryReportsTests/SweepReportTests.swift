import Foundation
import Testing
import TributaryCore
import TributaryReports

/// The tables and the page of a sweep.
@Suite struct SweepReportTests {
    /// Settings of two seeds each whose runs reach more and more; of the last setting the second run failed.
    private func record(settings: Int) throws -> (SweepRecord, [String: ComparisonReport.Run]) {
        let models = (1...settings).map { "mlp:8,\($0)" }.joined(separator: "|")
        let axis = try SweepAxis(field: "model", values: models, on: Plan())
        var record = SweepRecord(try SweepDesign(base: Plan(), axes: [axis], seedCount: 2), version: "test")
        var runs: [String: ComparisonReport.Run] = [:]
        for place in record.runs.indices.dropLast() {
            let run = SyntheticRun(
                seed: UInt64(place + 1), roundCount: 30, ceiling: 0.5 + 0.2 * Double(place) / Double(2 * settings),
                pace: 4)
            let rounds = run.rounds()
            record.runs[place].state = .completed
            record.runs[place].result = SweepResult(run.record(of: rounds), rounds: rounds)
            runs[record.runs[place].name] = .init(record: run.record(of: rounds), rounds: rounds, folder: "x")
        }
        record.runs[2 * settings - 1].state = .failed
        record.runs[2 * settings - 1].failure = "say \"why\", <please>"
        return (record, runs)
    }

    @Test func tablesHoldTheFiguresAndQuoteTexts() throws {
        let (record, _) = try record(settings: 2)
        let rows = SweepTables.runs(record).split(separator: "\n")
        #expect(rows.count == 5)
        #expect(rows[0].hasPrefix("run,setting,model,seed,state,rounds,final_accuracy,"))
        let accuracy = try #require(record.runs[0].result?.finalAccuracy)
        #expect(rows[1].hasPrefix("1-model-mlp-8-1-seed-1,1,\"mlp:8,1\",1,completed,30,\(accuracy),"))
        #expect(rows[4].hasSuffix(",failed,,,,,,,,,\"say \"\"why\"\", <please>\""))
        let settings = SweepTables.settings(SweepSummary(record), record).split(separator: "\n").map(String.init)
        #expect(
            settings[0].hasPrefix("rank,setting,model,runs,completed,failed,final_accuracy_mean,final_accuracy_stand"))
        #expect(settings[1].hasPrefix("1,2,\"mlp:8,2\",2,1,1,"))
        #expect(settings[2].hasPrefix("2,1,\"mlp:8,1\",2,2,0,"))
    }

    @Test func thePageHasAllSettingsTheFailureAndTheCurves() throws {
        let (record, runs) = try record(settings: 3)
        let summary = SweepSummary(record)
        let names = SweepReport.runsToShow(summary, record)
        #expect(Set(names) == Set(record.runs.dropLast().map(\.name)))
        let page = SweepReport(record: record, summary: summary, shown: names.compactMap { runs[$0] }).html()
        for model in 1...3 { #expect(page.contains("<td>mlp:8,\(model)</td>")) }
        #expect(page.contains("1 of 2 (1 failed)") && page.contains(" ± "))
        #expect(page.contains("say &quot;why&quot;, &lt;please&gt;"))
        #expect(page.contains("The 5 runs that ended") && page.contains("Accuracy per round"))
        #expect(page.hasSuffix("</html>\n"))
    }

    @Test func ofManyRunsOneOfEachOfTheBestSettingsIsShown() throws {
        let (record, _) = try record(settings: 20)
        let summary = SweepSummary(record)
        let names = SweepReport.runsToShow(summary, record)
        let best = summary.rows.prefix(12).map { row in
            record.runs.first { $0.setting == row.setting.number && $0.state == .completed }?.name ?? ""
        }
        #expect(names == best)
    }

    @Test func aRecordIsReadBackAndANewerFormIsRefused() throws {
        try withTemporaryFolder { folder in
            let sweep = SweepFolder(folder.path)
            var (record, _) = try record(settings: 2)
            record.runs[0].result?.finalLoss = .infinity
            try sweep.write(record)
            #expect(try sweep.readRecord() == record)
            record.format = 2
            try sweep.write(record)
            let error = #expect(throws: ReportError.self) { try sweep.readRecord() }
            #expect(error?.code == .unsupported)
        }
    }
}
