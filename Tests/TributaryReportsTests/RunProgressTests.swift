import Foundation
import Testing
import TributaryCore
import TributaryReports

struct RunProgressTests {
    private let rounds = SyntheticRun(roundCount: 40, evaluateEvery: 3).rounds()

    @Test(arguments: [1, 12, 30, 45, 60, 80, 120, 200])
    func theBarCoversTheLineBeforeAndNeverWraps(width: Int) {
        var progress = RunProgress(totalRounds: 40, style: ProgressStyle(.bar(width: width)))
        for round in rounds {
            let text = progress.roundEnded(round)
            #expect(text.hasPrefix("\r"))
            #expect(!text.contains("\n"))
            #expect(text.dropFirst().count == max(1, width - 1))
        }
    }

    @Test func theBarShowsRoundAccuracyClientsAndTheTimeLeft() {
        var progress = RunProgress(totalRounds: 40, style: ProgressStyle(.bar(width: 100), usesUnicode: false))
        var text = ""
        for round in rounds.prefix(20) { text = progress.roundEnded(round) }
        let accuracy = (rounds[17].test?.accuracy ?? 0) * 100
        let who = rounds[19].participation
        #expect(text.contains("####################....................  20/40"))
        #expect(text.contains(String(format: "%.2f %%", accuracy)))
        #expect(text.contains("\(who.reported)/\(who.invited) clients"))
        #expect(text.contains("s left"))
        for round in rounds.dropFirst(20) { text = progress.roundEnded(round) }
        #expect(!text.contains("left"))
    }

    @Test func aLogGetsALineARoundWithoutEscapes() {
        var progress = RunProgress(totalRounds: 40, style: ProgressStyle(.lines))
        let lines = rounds.map { progress.roundEnded($0) }
        #expect(lines.allSatisfy { $0.hasSuffix("\n") && $0.filter(\.isNewline).count == 1 && !$0.contains("\u{1B}") })
        #expect(lines[2].hasPrefix("round 3/40  test "))
        #expect(zip(lines, rounds).allSatisfy { $0.contains("abandoned") == ($1.outcome == .abandoned) })
    }

    @Test func aPrivateRunSaysWhatItHasSpent() throws {
        let record = SyntheticRun().record(of: rounds)
        var progress = RunProgress(totalRounds: 40, style: ProgressStyle(.lines))
        #expect(!progress.roundEnded(rounds[0]).contains("ε"))
        #expect(!progress.runEnded(record, report: nil).contains("privacy"))
        var round = rounds[1]
        round.privacy = RoundSummary.PrivacySpending(epsilon: 1.25, delta: 1e-5, noiseMultiplier: 2, clip: 0.5)
        #expect(progress.roundEnded(round).contains("  ε 1.25"))
        let end = progress.runEnded(record, report: nil)
        let line = try #require(end.split(separator: "\n").first { $0.contains("privacy") })
        #expect(line.contains("ε 1.25") && line.contains("noise 2"))
        // One that is resumed after its last round says it as well.
        var resumed = RunProgress(totalRounds: 40, style: ProgressStyle(.lines))
        resumed.goesOn(after: round)
        #expect(resumed.runEnded(record, report: nil) == end)
    }

    @Test func coloursAreOnlyThereIfAskedFor() {
        var progress = RunProgress(totalRounds: 40, style: ProgressStyle(.lines, usesColor: true))
        #expect(progress.roundEnded(rounds[2]).contains("\u{1B}[32m"))
        var json = RunProgress(totalRounds: 40, style: ProgressStyle(.json, usesColor: true))
        #expect(!json.roundEnded(rounds[2]).contains("\u{1B}"))
    }

    @Test func machinesGetAnObjectARoundAndOneAtTheEnd() throws {
        struct RoundEvent: Decodable {
            let event: String
            let summary: RoundSummary
        }
        struct RunEvent: Decodable {
            let event: String
            let record: RunRecord
        }
        var progress = RunProgress(totalRounds: 40, style: ProgressStyle(.json))
        for round in rounds {
            let line = progress.roundEnded(round)
            #expect(line.filter(\.isNewline).count == 1)
            let event = try JSONDecoder().decode(RoundEvent.self, from: Data(line.utf8))
            #expect(event.event == "round")
            #expect(event.summary == round)
        }
        let record = SyntheticRun().record(of: rounds)
        let end = try JSONDecoder().decode(RunEvent.self, from: Data(progress.runEnded(record, report: nil).utf8))
        #expect(end.event == "run")
        #expect(end.record == record)
    }

    @Test func theSummarySaysHowItWentAndWhereTheReportIs() {
        var record = SyntheticRun(name: "tricky\u{1B}[2J\nname").record(of: rounds, target: 0.99)
        record.status = .interrupted
        let text = RunProgress(totalRounds: 40, style: ProgressStyle(.lines)).runEnded(
            record, report: "out/report.html")
        #expect(text.hasPrefix("Interrupted: tricky?[2J?name, 40 rounds"))
        #expect(text.contains("99.0 % not reached"))
        #expect(text.contains("out/report.html\n"))
        #expect(!text.contains("\u{1B}"))
    }
}
