import Foundation
import Testing
import TributaryCore
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
        let page = try html(name)
        for piece in page.components(separatedBy: " d=\"").dropFirst() {
            let data = piece.prefix { $0 != "\"" }
            #expect(data.allSatisfy { "MLHVhvz 0123456789-".contains($0) })
            #expect(!data.contains("-"))
        }
        for piece in page.components(separatedBy: "style=\"").dropFirst() {
            let style = piece.prefix { $0 != "\"" }
            #expect(!style.contains("nan") && !style.contains("inf"))
        }
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

    @Test func extremeFiguresDoNotTrap() {
        var rounds = SyntheticRun(roundCount: 12, federatedEvery: 1).rounds()
        let extremes = [
            1e308, -1e308, .leastNonzeroMagnitude, 0, -0.0, 1e300, .infinity, -.infinity, .nan, 1e-300, 1, -1,
        ]
        for place in rounds.indices {
            let value = extremes[place]
            rounds[place].trainLoss = value
            rounds[place].test = Score(exampleCount: 1, loss: value, accuracy: value)
            rounds[place].federated?.loss.quantiles = Array(repeating: value, count: 7)
            rounds[place].federated?.accuracy?.quantiles = place % 2 == 0 ? [] : Array(repeating: -value, count: 7)
            rounds[place].updateNorms = .init(smallest: value, mean: -value, largest: value, aggregate: value)
            rounds[place].timing.virtualSeconds = value
            rounds[place].timing.virtualElapsed = value
            rounds[place].timing.realSeconds = value
            rounds[place].learningRate = value
        }
        for end in rounds.indices {
            let some = Array(rounds[0...end])
            let page = RunReport(record: SyntheticRun().record(of: some), rounds: some).html()
            #expect(page.hasSuffix("</html>\n"))
        }
    }
}
