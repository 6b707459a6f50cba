import Foundation
import Testing
import TributaryCore
import TributaryReports
import TributaryServer
import TributaryStore
import TributaryTesting

struct LiveReportTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "tributary-report-\(UUID().uuidString)")

    private var record: RunRecord {
        get throws {
            let digest = try #require(BlobDigest(bytes: [UInt8](repeating: 1, count: 32)))
            let row = RunRow(
                id: try #require(RunID(rawValue: "trial")), plan: Plan().text, target: ClientTarget(),
                tensors: [TensorShape(name: "w", shape: [2])],
                initialModel: TensorBlob(digest: digest, byteCount: 8, encoding: .float32), createdAt: .start)
            return RunRecord(
                live: row, version: "1",
                machine: RunRecord.Machine(
                    processor: "", cores: 1, memoryBytes: 1, system: "", swift: "", blas: "", workers: 1))
        }
    }

    private func round(_ number: Int, loss: Double = 1) -> RoundSummary {
        var round = RoundSummary(
            round: RoundNumber(number), outcome: .committed, modelVersion: ModelVersion(number), learningRate: 0.1)
        round.trainLoss = loss
        return round
    }

    private func at(_ seconds: Double) -> Instant { Instant(sinceStart: .seconds(seconds)) }

    @Test("A restart keeps the rounds that the ledger has too, and makes the rest like it")
    func reconciliation() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let target = RunFolder(folder.path())
        var first = LiveReport(folder: target, record: try record)
        for number in 1...4 { first.roundEnded(round(number), isScored: true) }
        _ = try first.write(at: at(1))
        #expect(try target.readRounds() == (1...4).map { round($0) })
        // The ledger has another third round, and one more.
        let truth = [round(1), round(2), round(3, loss: 2), round(4), round(5)]
        var second = LiveReport(folder: target, record: try record, rounds: truth)
        _ = try second.write(at: at(2))
        #expect(try target.readRounds() == truth)
        #expect(try String(contentsOfFile: target.tablePath, encoding: .utf8) == RoundTable.csv(truth))
        #expect(try target.readRecord().totals.rounds == 5)
    }

    @Test("Clients' own models are in the table, and the last of them beside the federation")
    func ownModels() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let target = RunFolder(folder.path())
        var record = try record
        record.plan["strategy", default: [:]]["personalisation"] = "ditto:lambda=0.5"
        let rounds = (1...3).map { number in
            var summary = round(number)
            let score = FederatedScore([Evaluation(exampleCount: 4, lossSum: Double(number), correctCount: nil)])
            if number > 1 { summary.personal = score }
            return summary
        }
        var report = LiveReport(folder: target, record: record)
        for round in rounds { report.roundEnded(round, isScored: true) }
        _ = try report.write(at: at(1))
        #expect(try String(contentsOfFile: target.tablePath, encoding: .utf8) == RoundTable.csv(rounds))
        #expect(try target.readRounds() == rounds)
        let baselines = try target.readRecord().baselines
        #expect(baselines.map(\.kind) == [.personal] && baselines.first?.federated == rounds[2].personal)
        let page = try String(contentsOfFile: target.reportPath, encoding: .utf8)
        #expect(page.contains("own model, beside the federation"))
    }

    @Test("A round is logged once its scores are in, or the next has ended")
    func scores() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let target = RunFolder(folder.path())
        var report = LiveReport(folder: target, record: try record)
        report.roundEnded(round(1), isScored: false)
        _ = try report.write(at: at(1))
        #expect(try target.readRounds().isEmpty)
        report.roundEnded(round(1, loss: 3), isScored: true)
        report.roundEnded(round(1, loss: 4), isScored: true)
        _ = try report.write(at: at(2))
        #expect(try target.readRounds() == [round(1, loss: 3)])
    }

    @Test("Files that are written anew wait for their time, and a report that cannot be written is written later")
    func pace() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let target = RunFolder(folder.path())
        var report = LiveReport(folder: target, record: try record)
        try Data("in the way".utf8).write(to: folder)
        report.roundEnded(round(1), isScored: true)
        #expect(throws: ReportError.self) { try report.write(at: at(1)) }
        try FileManager.default.removeItem(at: folder)
        #expect(try report.write(at: at(2)) == nil)
        report.roundEnded(round(2), isScored: true)
        #expect(try report.write(at: at(2.5)) == at(3))
        #expect(try target.readRounds().count == 2)
        #expect(try target.readRecord().totals.rounds == 1)
        let next = try report.write(at: at(3))
        #expect(try target.readRecord().totals.rounds == 2)
        #expect(next.map { $0 > at(6) } == true)
    }
}
