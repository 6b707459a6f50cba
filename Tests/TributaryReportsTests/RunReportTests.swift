import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributaryReports

struct RunReportTests {
    private func html(_ name: String) throws -> String {
        let sample = try #require(SampleRuns.all.first { $0.name == name })
        let (record, rounds) = SampleRuns.make(name, sample.run)
        return RunReport(record: record, rounds: rounds).html()
    }

    @Test(arguments: SampleRuns.all.map(\.name))
    func everyPageIsWholeAndNeedsNothingElse(name: String) throws {
        let page = try html(name)
        #expect(page.hasPrefix("<!doctype html>"))
        for tag in ["div", "section", "figure", "table", "svg", "script", "tr", "main", "dl", "span", "p"] {
            let opened = page.components(separatedBy: "<\(tag)>").count + page.components(separatedBy: "<\(tag) ").count
            #expect(opened - 2 == page.components(separatedBy: "</\(tag)>").count - 1, "\(tag) in \(name)")
        }
        for reference in ["http:", "https:", "src=", "href=", "url(", "@import"] { #expect(!page.contains(reference)) }
    }

    @Test(arguments: SampleRuns.all.map(\.name))
    func marksAreAlwaysNumbers(name: String) throws {
        expectMarksAreNumbers(try html(name))
    }

    @Test func headlineFiguresAreThoseOfTheRounds() throws {
        let (record, rounds) = SampleRuns.make("usual", SyntheticRun())
        let page = RunReport(record: record, rounds: rounds).html()
        let final = try #require(rounds.last?.test?.accuracy)
        let accuracies = rounds.compactMap { $0.test?.accuracy }
        let best = try #require(accuracies.max())
        let target = try #require(rounds.first { ($0.test?.accuracy ?? 0) >= 0.8 })
        for (name, value) in [
            ("Final test accuracy", String(format: "%.2f\u{202F}%%", final * 100)),
            ("Best test accuracy", String(format: "%.2f\u{202F}%%", best * 100)),
            ("Rounds to 80.0\u{202F}%", "\(target.round.rawValue)"),
            ("Rounds", "\(rounds.count)"),
        ] {
            #expect(page.contains("<dt>\(name)</dt><dd>\(value)</dd>"), "\(name): \(value)")
        }
    }

    @Test func totalsOfAKilledRunAreCountedFromItsRounds() {
        var (record, rounds) = SampleRuns.make("few", SyntheticRun(roundCount: 8))
        let page = RunReport(record: record, rounds: rounds).html()
        record.totals = .init()
        record.totals.peakMemoryBytes = 412_000_000
        #expect(RunReport(record: record, rounds: rounds).html() == page)
        rounds.removeLast()
        #expect(RunReport(record: record, rounds: rounds).html().contains("<dt>Rounds</dt><dd>7</dd>"))
    }

    @Test func textFromOutsideIsEscapedEverywhere() {
        let evil = "</script><img src=x onerror=alert(1)>\"'&\u{0}"
        var run = SyntheticRun(name: evil, roundCount: 5)
        run.plan = [evil: [evil: evil]]
        let rounds = run.rounds()
        var record = run.record(of: rounds)
        record.version = evil
        (record.data.set, record.data.partition, record.model.name, record.model.sha256) = (evil, evil, evil, evil)
        record.machine = .init(
            processor: evil, cores: 1, memoryBytes: 1, system: evil, swift: evil, blas: evil, workers: 1)
        let page = RunReport(record: record, rounds: rounds).html()
        #expect(!page.contains("<img"))
        #expect(!page.contains("\u{0}"))
        #expect(page.contains("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;\u{FFFD}"))
    }

    @Test func figuresThatAreNotFiniteAreSaidAndMarked() throws {
        let page = try html("diverged")
        #expect(page.contains("Test is not finite 20 times, first in round 41 (marked at the top)."))
        #expect(!(try html("usual")).contains("not finite (marked"))
    }

    @Test func aRegressionHasNoAccuracy() throws {
        let page = try html("regression")
        #expect(!page.contains("Accuracy per round"))
        #expect(page.contains("<dt>Final test loss</dt>"))
        #expect(page.contains("none (regression)"))
    }

    @Test func readOutsAreValidJSONAndCoverEveryRound() throws {
        for piece in try html("usual").components(separatedBy: "<script type=\"application/json\">").dropFirst() {
            let json = try #require(piece.components(separatedBy: "</script>").first)
            let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
            #expect((object["h"] as? [String])?.first == "Round 1")
            #expect((object["x"] as? [Int])?.count == 200)
            #expect((object["c"] as? [[Any]])?.allSatisfy { ($0.last as? [String])?.count == 200 } == true)
        }
    }

    /// Whatever the figures, the page is whole and its marks are numbers.
    @Test func extremeFiguresGiveAWholePage() {
        let extremes = [
            1e308, -1e308, .leastNonzeroMagnitude, .leastNormalMagnitude, 0, -0.0, 1e300, .infinity, -.infinity, .nan,
            1e-300, 1e-289, 1, -1, 0.5, 1e15, 123.456,
        ]
        for seed in 0..<120 as Range<UInt64> {
            var stream = Seed(seed).derived("extremes").stream()
            let choices = (0..<3).map { _ in extremes[stream.uniform(below: extremes.count)] }
            func pick() -> Double { choices[stream.uniform(below: 3)] }
            var rounds = SyntheticRun(seed: seed, roundCount: 4, federatedEvery: 1).rounds()
            for place in rounds.indices {
                rounds[place].trainLoss = pick()
                rounds[place].test = Score(exampleCount: 1, loss: pick(), accuracy: pick())
                rounds[place].federated?.loss.quantiles = (0..<7).map { _ in pick() }
                rounds[place].federated?.accuracy?.quantiles = (0..<stream.uniform(below: 8)).map { _ in pick() }
                rounds[place].updateNorms = .init(smallest: pick(), mean: pick(), largest: pick(), aggregate: pick())
                rounds[place].timing.virtualSeconds = pick()
                rounds[place].timing.virtualElapsed = pick()
                rounds[place].timing.realSeconds = pick()
                rounds[place].learningRate = pick()
            }
            let record = SyntheticRun().record(of: rounds, target: pick())
            let page = RunReport(record: record, rounds: rounds).html()
            expectMarksAreNumbers(page)
            let run = ComparisonReport.Run(record: record, rounds: rounds, folder: "")
            expectMarksAreNumbers(ComparisonReport(runs: [run, run], target: pick()).html())
            var progress = RunProgress(totalRounds: 4, style: ProgressStyle(.bar(width: 80)))
            for round in rounds { #expect(progress.roundEnded(round).count == 80) }
            #expect(!progress.runEnded(record, report: nil).isEmpty)
        }
    }

    private func expectMarksAreNumbers(_ page: String) {
        #expect(page.hasSuffix("</html>\n"))
        for piece in page.components(separatedBy: " d=\"").dropFirst() {
            #expect(piece.prefix { $0 != "\"" }.allSatisfy { "MLHVhvz 0123456789".contains($0) })
        }
        for piece in page.components(separatedBy: "style=\"").dropFirst() {
            let style = piece.prefix { $0 != "\"" }
            #expect(!style.contains("nan") && !style.contains("inf"))
        }
    }
}
