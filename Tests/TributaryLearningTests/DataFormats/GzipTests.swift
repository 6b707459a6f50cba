import Foundation
import Testing
import TributaryLearning
import TributaryMath

struct GzipTests {
    private func noise(_ count: Int, seed: UInt64) -> [UInt8] {
        var stream = Seed(seed).stream()
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: stream.next() & 0x3f) }
    }

    @Test(arguments: [0, 1, 1000, 700_000])
    func unpacksWhatWasPacked(count: Int) throws {
        let bytes = noise(count, seed: UInt64(count))
        #expect(try Gzip.inflate(gzip(bytes)) == bytes)
    }

    @Test func joinsSeveralMembersAndIgnoresPadding() throws {
        let (first, second) = (noise(5000, seed: 1), noise(300_000, seed: 2))
        let packed = gzip(first) + gzip(second) + [0, 0, 0]
        #expect(try Gzip.inflate(packed) == first + second)
    }

    @Test func everyTruncationIsAnError() throws {
        let packed = gzip(noise(500, seed: 3))
        for count in 0..<packed.count {
            let error = dataError { _ = try Gzip.inflate(Array(packed[..<count]), source: "x.gz") }
            #expect(error?.code == .badData, "cut after \(count) of \(packed.count)")
        }
    }

    @Test func flippedBitsAreFoundOrHarmless() throws {
        let bytes = noise(400, seed: 4)
        let packed = gzip(bytes)
        for place in packed.indices {
            var damaged = packed
            damaged[place] ^= 0x10
            // Flags, time and system in the header are not covered by a checksum and may change nothing.
            if let result = try? Gzip.inflate(damaged, source: "x.gz") { #expect(result == bytes) }
        }
    }

    @Test func refusesMoreThanTheLimit() throws {
        let packed = gzip([UInt8](repeating: 7, count: 1_000_000))
        let error = dataError { _ = try Gzip.inflate(packed, source: "bomb.gz", limit: 999_999) }
        #expect(error?.code == .badData)
        #expect(error?.description.contains("999999") == true)
        #expect(try Gzip.inflate(packed, limit: 1_000_000).count == 1_000_000)
    }

    @Test func readsPlainAndPackedFilesAlike() throws {
        let scratch = try Scratch()
        let bytes = noise(600_000, seed: 5)
        let plain = try scratch.write("plain", bytes)
        let packed = try scratch.write("packed", gzip(bytes))
        #expect(try FileContent.read(path: plain) == bytes)
        #expect(try FileContent.read(path: packed, expecting: 600_000) == bytes)
        #expect(dataError { _ = try FileContent.read(path: plain, limit: 599_999) }?.code == .badData)
    }

    @Test func foldersAndMissingFilesAreTold() throws {
        let scratch = try Scratch()
        #expect(dataError { _ = try FileContent.read(path: scratch.path) }?.code == .inputOutput)
        #expect(dataError { _ = try FileContent.read(path: scratch.path + "/no") }?.code == .missingInput)
    }

    @Test func aPipeThatNobodyWritesToIsNotWaitedFor() throws {
        let scratch = try Scratch()
        let pipe = scratch.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(try FileContent.read(path: pipe).isEmpty)
    }
}
