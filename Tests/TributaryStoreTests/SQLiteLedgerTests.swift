import Foundation
import GRDB
import Testing
import TributaryCore
import TributaryMath
import TributaryStore
import TributaryTesting

struct SQLiteLedgerTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/ledger.sqlite" }

    init() throws {
        folder = try TemporaryFolder()
    }

    private func ledger() throws -> SQLiteLedger { try SQLiteLedger(path: path) }

    /// Changes the closed database behind the ledger's back.
    private func tamper(_ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    /// A run with a round that ended and an open one, with three updates in each.
    private func fill() async throws {
        let ledger = try ledger()
        try await ledger.commit([.client(SampleLedger.client(1)), .client(SampleLedger.client(2))])
        try await ledger.commit([.run(SampleLedger.runRow("a"))])
        for number in 1...3 {
            let task = SampleLedger.task("a", number)
            try await ledger.commit([.roundOpened(SampleLedger.round(task))])
            for client in 1...UInt64(3) {
                try await ledger.commit([.contribution(SampleLedger.contribution(task, client))])
            }
            if number < 3 { try await ledger.commit([.roundEnded(SampleLedger.end("a", number))]) }
        }
        await ledger.close()
    }

    @Test func whatAKilledProcessLeftInTheLogIsBroughtToDiskBeforeItIsReliedOn() async throws {
        let first = try ledger()
        try await first.commit([.client(SampleLedger.client(1))])
        // What a process that is killed now leaves behind.
        let copy = folder.path + "/copy.sqlite"
        for ending in ["", "-wal"] { try FileManager.default.copyItem(atPath: path + ending, toPath: copy + ending) }
        #expect(try #require(FileManager.default.contents(atPath: copy + "-wal")).isEmpty == false)
        let second = try SQLiteLedger(path: copy)
        #expect(FileManager.default.contents(atPath: copy + "-wal")?.isEmpty ?? true)
        #expect(try await second.load().image.clients.map(\.id) == [SampleLedger.client(1).id])
        await second.close()
        await first.close()
    }

    @Test func aSecondLedgerOnTheSameFileIsRefused() async throws {
        let first = try ledger()
        let error = #expect(throws: StoreError.self) { try ledger() }
        #expect(error?.code == .unusable)
        #expect(error?.description.contains("in use by another coordinator") == true)
        await first.close()
        await (try ledger()).close()
    }

    @Test func aLaterFormIsRefusedAndLeftAlone() async throws {
        try await fill()
        try tamper("PRAGMA user_version = 3")
        let before = try folder.read("ledger.sqlite")
        let error = #expect(throws: StoreError.self) { try ledger() }
        #expect(error?.code == .unusable)
        #expect(error?.description.contains("has form 3") == true)
        #expect(try folder.read("ledger.sqlite") == before)
    }

    @Test func anEarlierFormIsReadAndBecomesThisOne() async throws {
        try await fill()
        try tamper("PRAGMA user_version = 1")
        let ledger = try ledger()
        #expect(try await ledger.load().image.runs.first?.lastEnd?.summary.round == RoundNumber(2))
        // In the file itself, where versions that know only the earlier form look.
        #expect(try Array(folder.read("ledger.sqlite")[60..<64]) == [0, 0, 0, 2])
        await ledger.close()
    }

    @Test func anotherDatabaseIsRefusedAndLeftAlone() throws {
        try tamper("CREATE TABLE mine (id)")
        let before = try folder.read("ledger.sqlite")
        let error = #expect(throws: StoreError.self) { try ledger() }
        #expect(error?.code == .unusable)
        #expect(try folder.read("ledger.sqlite") == before)
    }

    @Test(arguments: [
        "UPDATE contributions SET payload = replace(payload, '37', '38') WHERE round = 3 AND client = 2",
        "UPDATE contributions SET checksum = checksum + 1 WHERE round = 3 AND client = 2",
        "UPDATE contributions SET payload = x'00ff' WHERE round = 3 AND client = 2",
        "UPDATE contributions SET checksum = 'x' WHERE round = 3 AND client = 2",
        "UPDATE contributions SET client = 99 WHERE round = 3 AND client = 2",
    ])
    func aDamagedUpdateIsSetAsideAndTheRestGoesOn(sql: String) async throws {
        try await fill()
        try tamper(sql)
        let ledger = try ledger()
        let (image, damage) = try await ledger.load()
        #expect(damage.count == 1)
        #expect(damage.first?.contains("contributions is damaged") == true)
        #expect(image.clients.count == 2)
        #expect(image.runs.first?.contributions.map(\.client.rawValue) == [1, 3])
        #expect(try await ledger.load().damage == [])
        // The blob is evidence, and the client may send it again.
        let update = SampleLedger.contribution(SampleLedger.task("a", 3), 2)
        #expect(try await ledger.namedBlobs().contains(update.update.blob.digest))
        try await ledger.commit([.contribution(update)])
        await ledger.close()
    }

    @Test func aDamagedClientIsSetAside() async throws {
        try await fill()
        try tamper("UPDATE clients SET payload = '{}' WHERE id = 1")
        let ledger = try ledger()
        let (image, damage) = try await ledger.load()
        #expect(image.clients.map(\.id.rawValue) == [2])
        #expect(damage.count == 1)
        await ledger.close()
    }

    @Test func withoutItsRowAnOpenRoundCountsNothingWhenItIsOpenedAgain() async throws {
        try await fill()
        try tamper("UPDATE rounds SET payload = '' WHERE round = 3")
        let ledger = try ledger()
        let (image, damage) = try await ledger.load()
        #expect(damage.count == 1)
        #expect(image.runs.first?.openRounds == [])
        #expect(image.runs.first?.lastEnd == SampleLedger.end("a", 2))
        let task = SampleLedger.task("a", 3)
        try await ledger.commit([.roundOpened(SampleLedger.round(task))])
        #expect(try await ledger.round(task)?.contributions == [])
        #expect(try await ledger.round(SampleLedger.task("a", 2))?.contributions.count == 3)
        await ledger.close()
    }

    @Test func aRunWhoseLastEndIsLostIsLoadedAsFailed() async throws {
        try await fill()
        try tamper("UPDATE ends SET payload = '' WHERE round = 2")
        let ledger = try ledger()
        let run = try #require(try await ledger.load().image.runs.first)
        #expect(run.row.status == .failed)
        #expect(run.row.reason.contains("rounds 2 to 2"))
        #expect(run.lastEnd == SampleLedger.end("a", 1))
        await ledger.close()
    }

    @Test func aLedgerFromBeforePrivateRunsTakesThem() async throws {
        try await fill()
        try tamper("DROP TABLE privacy")
        let row = SampleLedger.privacy("a", after: 2)
        let first = try ledger()
        #expect(try await first.load().image.runs.first?.privacy == nil)
        try await first.commit([.privacy(row)])
        await first.close()
        let second = try ledger()
        #expect(try await second.load().image.runs.first?.privacy == row)
        await second.close()
    }

    @Test(arguments: ["payload = replace(payload, '\"round\":2', '\"round\":1')", "payload = ''", "run = 'b'"])
    func whatWasSpentIsNotBelievedWhenItIsDamaged(change: String) async throws {
        try await fill()
        let first = try ledger()
        try await first.commit([.privacy(SampleLedger.privacy("a", after: 2))])
        await first.close()
        try tamper("UPDATE privacy SET \(change)")
        let second = try ledger()
        let (image, damage) = try await second.load()
        #expect(image.runs.first?.privacy == nil)
        // A row of a run that is not there is no run's.
        #expect(damage.count == (change.hasPrefix("run") ? 0 : 1))
        #expect(try await second.load().damage == [])
        await second.close()
    }

    @Test func theFilesOfALedgerAreForTheirOwnerAlone() async throws {
        let ledger = try ledger()
        try await ledger.commit([.privacy(SampleLedger.privacy("a", after: 0))])
        for ending in ["", "-wal", "-shm"] {
            let file = try FileManager.default.attributesOfItem(atPath: path + ending)
            #expect(file[.posixPermissions] as? Int == 0o600, "\(ending)")
        }
        await ledger.close()
    }

    @Test func aFullDatabaseRefusesAndRecovers() async throws {
        let ledger = try SQLiteLedger(path: path, maximumPageCount: 60)
        var count = 0
        let error = await #expect(throws: StoreError.self) {
            while true {
                let batch = (0..<5).map { LedgerEntry.client(SampleLedger.client(UInt64(count * 5 + $0))) }
                try await ledger.commit(batch)
                count += 1
            }
        }
        #expect(error?.code == .full)
        #expect(try await ledger.load().image.clients.count == count * 5)
        try await ledger.commit((0..<20).map { LedgerEntry.clientLeft(ClientID($0)) })
        try await ledger.commit([.client(SampleLedger.client(7))])
        #expect(try await ledger.load().image.clients.count == count * 5 - 19)
        await ledger.close()
    }

    @Test func theFileOfALedgerThatForgetsStaysSmall() async throws {
        let (kept, forgotten) = (try await size(keeping: 60), try await size(keeping: 10))
        #expect(forgotten * 2 < kept)
    }

    /// The size of a ledger's file after sixty rounds of fifty updates, of the newest of which all is kept.
    private func size(keeping rounds: Int) async throws -> Int {
        let name = "keeping-\(rounds).sqlite"
        let ledger = try SQLiteLedger(path: "\(folder.path)/\(name)")
        for number in 1...60 {
            let task = SampleLedger.task("a", number)
            try await ledger.commit(
                [.roundOpened(SampleLedger.round(task))]
                    + (1...50).map { .contribution(SampleLedger.contribution(task, $0)) })
            try await ledger.commit([.roundEnded(SampleLedger.end("a", number))])
            let oldest = RoundNumber(max(number - rounds + 1, 1))
            while try await ledger.prune(SampleLedger.run("a"), before: oldest, limit: 20) == 20 {}
        }
        // The updates that are still there, the models of all rounds, two vectors of an optimiser's and one of a method's of
        // every second, and the first model, if it is known who started from it.
        #expect(try await ledger.namedBlobs().count == rounds * 50 + 60 + 90 + (rounds == 60 ? 1 : 0))
        await ledger.close()
        return try folder.read(name).count
    }
}
