import Foundation
import Testing
import TributaryCore
import TributaryReports

struct ComparisonReportTests {
    @Test(arguments: [3, 12])
    func runsOfTheSameNameAreToldApartByFolder(count: Int) {
        let page = ComparisonReport(runs: SampleRuns.comparison(count)).html()
        #expect(page.contains("<th scope=\"row\">FedAvg (0-1)</th>"))
        #expect(page.contains("<th scope=\"row\">FedAvg (\(count - 1)-\(count))</th>"))
    }

    @Test func runsThatAllHaveTheSameNameAreCalledByFolder() {
        let page = ComparisonReport(runs: SampleRuns.comparison(2)).html()
        #expect(page.contains("<th scope=\"row\">0-1</th>"))
        #expect(page.contains("<th scope=\"row\">1-2</th>"))
        #expect(page.contains("federated runs: FedAvg</p>"))
    }

    @Test func evenTheSameFolderTwiceGivesDistinctNames() throws {
        let run = SampleRuns.comparison(1)[0]
        let page = ComparisonReport(runs: [run, run, run]).html()
        let names = page.components(separatedBy: "<th scope=\"row\">").dropFirst().map { $0.prefix { $0 != "<" } }
        #expect(names.count == 3)
        #expect(Set(names).count == 3)
        #expect(page.contains("The runs have the same plan, seed, data, model and version."))
    }

    @Test func roundsToTheTargetAreThoseOfTheFirstRoundThatReachedIt() throws {
        let runs = SampleRuns.comparison(3)
        let page = ComparisonReport(runs: runs, target: 0.7).html()
        #expect(page.contains("<th scope=\"col\" class=\"n\">Rounds to 70.0\u{202F}%</th>"))
        for run in runs {
            let first = try #require(run.rounds.first { ($0.test?.accuracy ?? 0) >= 0.7 })
            #expect(page.contains("<td class=\"n\">\(first.round.rawValue)</td>"))
        }
    }

    @Test func theCommonTargetIsReachedByAllAndTheNextOneIsNot() throws {
        let runs = SampleRuns.comparison(4)
        let page = ComparisonReport(runs: runs).html()
        let bests = runs.map { run in run.rounds.compactMap { $0.test?.accuracy }.max() ?? 0 }
        let lowest = try #require(bests.min())
        let target = (lowest * 20).rounded(.down) * 5
        #expect(page.contains("\(Int(target)).0\u{202F}% is the highest round figure that all runs reached."))
        #expect(!page.contains("not reached"))
    }

    @Test func aTargetThatIsTooHighIsNotReached() {
        let page = ComparisonReport(runs: SampleRuns.comparison(2), target: 0.99).html()
        #expect(page.components(separatedBy: "not reached").count == 3)
    }

    @Test func onlySettingsThatDifferAreListed() {
        var runs = SampleRuns.comparison(3)
        runs[1].record.plan["extra"] = ["only-here": "<yes>"]
        let page = ComparisonReport(runs: runs).html()
        #expect(page.contains("<th scope=\"row\">client.epochs</th><td>1</td><td>2</td><td>3</td>"))
        #expect(page.contains("<th scope=\"row\">extra.only-here</th><td>–</td><td>&lt;yes&gt;</td><td>–</td>"))
        #expect(!page.contains("client.batch-size"))
    }

    @Test func whatThePlanSaysIsNotListedOnceMore() {
        var runs = SampleRuns.comparison(2)
        for (place, partition) in ["iid", "shards:2"].enumerated() {
            runs[place].record.plan["data"] = ["partition": partition]
            runs[place].record.data.partition = partition
        }
        let page = ComparisonReport(runs: runs).html()
        #expect(page.contains("<th scope=\"row\">data.partition</th><td>iid</td><td>shards:2</td>"))
        #expect(!page.contains("<th scope=\"row\">Partition</th>"))
    }

    @Test func aTablesCaptionStandsOutsideOfWhatScrolls() {
        let page = ComparisonReport(runs: SampleRuns.comparison(3)).html()
        #expect(page.contains("that all runs reached.</p><div class=\"scroll\">"))
        #expect(!page.contains("<caption"))
    }

    @Test func runsWithoutRoundsOrAccuracyAreShown() {
        let regression = SyntheticRun(name: "r", roundCount: 20, isRegression: true)
        let rounds = regression.rounds()
        let runs: [ComparisonReport.Run] = [
            .init(record: regression.record(of: rounds, target: nil), rounds: rounds, folder: "a"),
            .init(record: SyntheticRun().record(of: []), rounds: [], folder: "b"),
        ]
        let page = ComparisonReport(runs: runs).html()
        #expect(page.contains("Loss per round"))
        #expect(!page.contains("Accuracy per round"))
        #expect(page.contains("Final loss") && !page.contains("Final accuracy"))
        #expect(ComparisonReport(runs: []).html().hasSuffix("</html>\n"))
    }
}
