import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributaryStore
import TributaryTesting

/// The ledger's files as a crash leaves them: copies made while it is open.
struct LedgerCrashTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Opens a copy of the files, the log cut off or changed.
    private func open(_ name: String, main: [UInt8], log: some Collection<UInt8>) throws -> SQLiteLedger {
        try folder.write("\(name).sqlite", main)
        try folder.write("\(name).sqlite-wal", log)
        return try SQLiteLedger(path: "\(folder.path)/\(name).sqlite")
    }

    @Test func whatWasCommittedSurvivesTheProcess() async throws {
        let ledger = try SQLiteLedger(path: "\(folder.path)/a.sqlite")
        for batch in SampleLedger.history(seed: 1, count: 50) { try? await ledger.commit(batch) }
        let copy = try open("b", main: try folder.read("a.sqlite"), log: try folder.read("a.sqlite-wal"))
        let found = try await copy.load().image
        #expect(found == (try await ledger.load().image))
        #expect(found != LedgerImage())
        await copy.close()
        await ledger.close()
    }

    /// Wherever the log is torn, every batch is there whole or not at all, and all those are that had returned when the
    /// log was still shorter.
    @Test(arguments: TestSeeds.first(20))
    func aTornLogLosesOnlyWhatHadNotReturned(seed: Seed) async throws {
        let ledger = try SQLiteLedger(path: "\(folder.path)/a.sqlite")
        var sizes: [Int] = []
        let task = SampleLedger.task("a", 1)
        for client in 0..<UInt64(30) {
            let update = LedgerEntry.contribution(SampleLedger.contribution(task, client))
            try await ledger.commit([.client(SampleLedger.client(client)), update])
            sizes.append(try folder.read("a.sqlite-wal").count)
        }
        let (main, log) = (try folder.read("a.sqlite"), try folder.read("a.sqlite-wal"))
        var stream = seed.stream()
        let cut = stream.uniform(below: log.count + 1)
        let copy = try open("b", main: main, log: log[..<cut])
        let count = try await copy.load().image.clients.count
        #expect(count == sizes.filter { $0 <= cut }.count)
        for client in 0..<UInt64(30) {
            let isThere = try await copy.contribution(to: task, by: ClientID(client)) != nil
            #expect(isThere == (client < count))
        }
        try await copy.commit([.client(SampleLedger.client(77))])
        await copy.close()
        await ledger.close()
    }

    /// Whatever happens to the file, the ledger says so, or gives only rows that were written.
    @Test(arguments: TestSeeds.first(60))
    func aDamagedFileIsNamedOrReadRight(seed: Seed) async throws {
        let ledger = try SQLiteLedger(path: "\(folder.path)/a.sqlite")
        try await ledger.commit((0..<200).map { LedgerEntry.client(SampleLedger.client($0)) })
        for batch in SampleLedger.history(seed: 3, count: 100) { try? await ledger.commit(batch) }
        let written = try await ledger.load().image
        await ledger.close()
        var file = try folder.read("a.sqlite")
        var stream = seed.stream()
        if stream.uniform(below: 4) == 0 {
            file.removeLast(1 + stream.uniform(below: file.count))
        } else {
            for _ in 0..<(1 + stream.uniform(below: 50)) {
                file[stream.uniform(below: file.count)] = UInt8(truncatingIfNeeded: stream.next())
            }
        }
        do {
            let copy = try open("b", main: file, log: [])
            let found = try? await copy.load().image
            for client in found?.clients ?? [] {
                #expect(written.clients.contains(client) || client == SampleLedger.client(client.id.rawValue))
            }
            _ = try? await copy.namedBlobs()
            try? await copy.commit([.client(SampleLedger.client(5))])
            await copy.close()
        } catch let error as StoreError {
            #expect([.damaged, .unusable].contains(error.code))
            #expect(error.description.contains("b.sqlite"))
        }
    }

    @Test(arguments: [1, 50, 99, 100, 4096, 20_000])
    func aTruncatedFileIsNamed(size: Int) async throws {
        let ledger = try SQLiteLedger(path: "\(folder.path)/a.sqlite")
        try await ledger.commit((0..<200).map { LedgerEntry.client(SampleLedger.client($0)) })
        await ledger.close()
        let file = try folder.read("a.sqlite")
        let error = await #expect(throws: StoreError.self) {
            let copy = try open("b", main: Array(file[..<size]), log: [])
            _ = try await copy.load()
        }
        #expect(error?.code == .damaged)
        #expect(error?.description.contains("restore it from a backup") == true)
    }
}
