import Foundation
import Testing
import TributaryCore
import TributaryReports

struct RunFolderTests {
    private let run = SyntheticRun(roundCount: 30)

    @Test(arguments: [nil, 12] as [Int?])
    func roundsAndRecordReadBackAsWritten(divergesAt: Int?) throws {
        var run = run
        run.divergesAt = divergesAt
        let rounds = run.rounds()
        try withTemporaryFolder { folder in
            let log = try RoundLog(folder)
            for round in rounds { try log.append(round) }
            try folder.write(run.record(of: rounds))
            let read = try folder.read()
            // The table holds every figure; unlike NaN itself, its text can be compared.
            #expect(RoundTable.csv(read.rounds) == RoundTable.csv(rounds))
            if divergesAt == nil {
                #expect(read.rounds == rounds)
                #expect(read.record == run.record(of: rounds))
            }
        }
    }

    @Test func aTornLastLineIsPassedOver() throws {
        let rounds = run.rounds()
        try withTemporaryFolder { folder in
            let log = try RoundLog(folder)
            for round in rounds { try log.append(round) }
            let whole = try text(of: folder.roundsPath)
            let start = whole.dropLast().lastIndex(of: "\n").map { whole.distance(from: whole.startIndex, to: $0) } ?? 0
            for cut in stride(from: start + 2, to: whole.count - 1, by: 37) {
                try replaceText(of: folder.roundsPath, with: String(whole.prefix(cut)))
                #expect(try folder.readRounds() == Array(rounds.dropLast()))
            }
        }
    }

    @Test func aLogOpenedAgainMendsWhatAKilledProcessLeft() throws {
        let rounds = run.rounds()
        try withTemporaryFolder { folder in
            do {
                let log = try RoundLog(folder)
                for round in rounds.prefix(20) { try log.append(round) }
            }
            let torn = try text(of: folder.roundsPath).dropLast(25)
            try replaceText(of: folder.roundsPath, with: String(torn))
            let log = try RoundLog(folder)
            for round in rounds.dropFirst(19) { try log.append(round) }
            #expect(try folder.readRounds() == rounds)
            #expect(try text(of: folder.tablePath) == RoundTable.csv(rounds))
        }
    }

    @Test func truncatingGoesBackToACheckpoint() throws {
        let rounds = run.rounds()
        try withTemporaryFolder { folder in
            let log = try RoundLog(folder)
            for round in rounds { try log.append(round) }
            #expect(try log.truncate(after: RoundNumber(11)) == Array(rounds.prefix(11)))
            for round in rounds[11..<15] { try log.append(round) }
            try log.synchronise()
            #expect(try folder.readRounds() == Array(rounds.prefix(15)))
            #expect(try text(of: folder.tablePath) == RoundTable.csv(Array(rounds.prefix(15))))
        }
    }

    @Test func damageNamesFileAndLine() throws {
        let rounds = run.rounds()
        try withTemporaryFolder { folder in
            let log = try RoundLog(folder)
            for round in rounds { try log.append(round) }
            var lines = try text(of: folder.roundsPath).split(separator: "\n").map(String.init)
            lines[6] = "{\"round\": 7"
            try replaceText(of: folder.roundsPath, with: lines.joined(separator: "\n") + "\n")
            let error = #expect(throws: ReportError.self) { try folder.readRounds() }
            #expect(error?.code == .damaged)
            #expect(error?.description == "\(folder.roundsPath):7: not valid JSON")
        }
    }

    @Test(arguments: [
        ("\"round\":3,", "\"round\":2,"), ("\"invited\":24", "\"invited\":-1"),
        ("\"invited\":24", "\"invited\":9223372036854775807"), ("\"outcome\":\"committed\"", "\"outcome\":\"lost\""),
        ("\"bytesDown\":", "\"bytesdown\":"), ("\"quantiles\":[", "\"quantiles\":[0.5,"),
    ])
    func figuresThatCannotBeAreDamage(find: String, replacement: String) throws {
        var run = run
        run.federatedEvery = 1
        run.abandonProbability = 0
        let rounds = run.rounds()
        try withTemporaryFolder { folder in
            let log = try RoundLog(folder)
            for round in rounds { try log.append(round) }
            var lines = try text(of: folder.roundsPath).split(separator: "\n").map(String.init)
            #expect(lines[2].contains(find))
            lines[2] = lines[2].replacingOccurrences(of: find, with: replacement)
            try replaceText(of: folder.roundsPath, with: lines.joined(separator: "\n") + "\n")
            let error = #expect(throws: ReportError.self) { try folder.readRounds() }
            #expect(error?.code == .damaged)
            #expect(error?.line.map { (3...4).contains($0) } == true)
        }
    }

    @Test func anotherFormOfRecordIsRefusedByName() throws {
        let record = run.record(of: run.rounds())
        try withTemporaryFolder { folder in
            try folder.write(record)
            let newer = try text(of: folder.recordPath).replacingOccurrences(
                of: "\"format\" : 1", with: "\"format\" : 2")
            try replaceText(of: folder.recordPath, with: newer)
            let error = #expect(throws: ReportError.self) { try folder.readRecord() }
            #expect(error?.code == .unsupported)
        }
    }

    @Test func aMissingFolderIsOneLineWithPathAndCause() throws {
        let folder = RunFolder("/nowhere/at/all")
        let error = #expect(throws: ReportError.self) { try folder.readRecord() }
        #expect(error?.description == "/nowhere/at/all/run.json: cannot be opened: No such file or directory")
        #expect(throws: ReportError.self) { try RoundLog(folder) }
    }

    @Test func foldersAboveAreMadeToo() throws {
        try withTemporaryFolder { folder in
            let deep = RunFolder(folder.path + "/a/b/c/")
            try deep.create()
            try deep.create()
            try deep.writeReport("here")
            #expect(try text(of: folder.path + "/a/b/c/report.html") == "here")
        }
    }

    @Test func aFolderThatCannotBeMadeSaysWhy() throws {
        try withTemporaryFolder { folder in
            try folder.writeReport("")
            let below = RunFolder(folder.reportPath + "/run")
            let error = #expect(throws: ReportError.self) { try below.create() }
            #expect(error?.code == .io)
            #expect(error?.description == "\(below.path): the folder cannot be made: Not a directory")
        }
    }

    @Test func replacingLeavesNoDraftBehind() throws {
        try withTemporaryFolder { folder in
            try folder.writeReport("<p>one</p>")
            try folder.writeReport("<p>two</p>")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["report.html"])
            #expect(try text(of: folder.reportPath) == "<p>two</p>")
        }
    }
}
