import Crypto
import Foundation
import Synchronization
import Testing
import TributaryLearning

/// Sends what a script says, one step a request, and notes what was asked.
private final class ScriptedDownloader: Downloader {
    enum Step: Sendable {
        /// Answers properly from the offset asked for, and is cut before byte `cutAt` of the file, if given.
        case serve([UInt8], cutAt: Int? = nil)
        /// Sends the whole file whatever was asked, cut before `cutAt`.
        case ignoreRange([UInt8], cutAt: Int? = nil)
        case refuse
    }

    private let steps: Mutex<[Step]>
    private let asked = Mutex<[(String, Int)]>([])

    init(_ steps: [Step]) {
        self.steps = Mutex(steps)
    }

    var requests: [String] { asked.withLock { $0.map { "\($0.0) from \($0.1)" } } }

    func download(
        _ url: String, from offset: Int,
        receive: @escaping @Sendable (DownloadEvent) throws(DatasetError) -> Void
    ) async throws(DatasetError) {
        asked.withLock { $0.append((url, offset)) }
        switch steps.withLock({ $0.isEmpty ? .refuse : $0.removeFirst() }) {
        case .refuse: throw DatasetError(.inputOutput, "no network")
        case .serve(let bytes, let cut): try send(bytes, from: offset, cut, receive)
        case .ignoreRange(let bytes, let cut): try send(bytes, from: 0, cut, receive)
        }
    }

    private func send(
        _ bytes: [UInt8], from start: Int, _ cut: Int?, _ receive: (DownloadEvent) throws(DatasetError) -> Void
    ) throws(DatasetError) {
        try receive(.response(offset: start, total: bytes.count))
        var place = start
        while place < min(cut ?? bytes.count, bytes.count) {
            let end = min(place + 100, cut ?? bytes.count, bytes.count)
            try receive(.bytes(Array(bytes[place..<end])))
            place = end
        }
        if cut != nil { throw DatasetError(.inputOutput, "cut") }
    }
}

struct FetchTests {
    private let scratch: Scratch
    private let content = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }

    init() throws {
        scratch = try Scratch()
    }

    private func manifest(urls: [String] = ["http://a/f.gz", "http://b/f"]) throws -> DatasetManifest {
        let quoted = urls.map { "\"\($0)\"" }.joined(separator: ",")
        let json = """
            {"name": "made", "title": "", "summary": "", "origin": "", "licence": "", "citation": "", "format": "idx",
             "packages": [], "offlineHint": "ask a friend", "files": [{"names": ["f", "f.gz"], "urls": [\(quoted)],
             "bytes": 5000, "sha256": "\(SHA256.hash(data: content).map { String(format: "%02x", $0) }.joined())"}]}
            """
        return try JSONDecoder().decode(DatasetManifest.self, from: Data(json.utf8))
    }

    private func fetch(
        _ downloader: ScriptedDownloader, _ manifest: DatasetManifest
    ) async -> Result<[String], DatasetError> {
        let fetcher = DatasetFetcher(downloader: downloader, environment: ["XDG_CACHE_HOME": scratch.path])
        do throws(DatasetError) {
            return .success(try await fetcher.fetch(manifest))
        } catch {
            return .failure(error)
        }
    }

    private var folder: String { scratch.path + "/tributary/datasets/made" }
    private var files: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted() }

    @Test func aPackedFileIsVerifiedAndKeptUnderItsName() async throws {
        let downloader = ScriptedDownloader([.serve(gzip(content))])
        #expect(try await fetch(downloader, manifest()).get() == ["\(folder)/f.gz"])
        #expect(files == ["f.gz"])
        // It is there now, so nothing is asked for again.
        #expect(try await fetch(downloader, manifest()).get() == ["\(folder)/f.gz"])
        #expect(downloader.requests == ["http://a/f.gz from 0"])
    }

    @Test func aCutDownloadGoesOnWhereItEnded() async throws {
        let downloader = ScriptedDownloader([
            .serve(content, cutAt: 1500), .serve(content, cutAt: 3000), .serve(content),
        ])
        #expect(try await fetch(downloader, manifest()).get() == ["\(folder)/f"])
        #expect(downloader.requests.map { $0.suffix(4) } == ["om 0", "1500", "3000"])
    }

    @Test func aLaterRunGoesOnToo() async throws {
        let manifest = try manifest(urls: ["http://a/f"])
        let first = ScriptedDownloader([.serve(content, cutAt: 2000), .refuse])
        await #expect(throws: DatasetError.self) { try await fetch(first, manifest).get() }
        let second = ScriptedDownloader([.serve(content)])
        #expect(try await fetch(second, manifest).get() == ["\(folder)/f"])
        #expect(second.requests == ["http://a/f from 2000"])
        #expect(files == ["f"])
    }

    @Test func aServerThatIgnoresRangesStartsOver() async throws {
        let downloader = ScriptedDownloader([.serve(content, cutAt: 1500), .ignoreRange(content)])
        #expect(try await fetch(downloader, manifest()).get() == ["\(folder)/f"])
    }

    @Test func aServerThatAlwaysCutsAtTheSamePlaceIsGivenUp() async throws {
        let steps = [ScriptedDownloader.Step](repeating: .ignoreRange(content, cutAt: 1500), count: 50)
        let downloader = ScriptedDownloader(steps)
        await #expect(throws: DatasetError.self) { try await fetch(downloader, manifest()).get() }
        #expect(downloader.requests.count < 10)
    }

    @Test func wrongContentIsThrownAwayAndTheNextAddressTried() async throws {
        let wrong = [UInt8](repeating: 1, count: 5000)
        let downloader = ScriptedDownloader([.serve(wrong), .serve(content)])
        #expect(try await fetch(downloader, manifest()).get() == ["\(folder)/f"])
        #expect(downloader.requests == ["http://a/f.gz from 0", "http://b/f from 0"])
        #expect(files == ["f"])
    }

    @Test func aPartOfAnotherVersionIsReplaced() async throws {
        var older = content
        older[7] ^= 1
        let first = ScriptedDownloader([.serve(older, cutAt: 2000), .serve(content), .serve(content)])
        #expect(try await fetch(first, manifest()).get() == ["\(folder)/f"])
        #expect(first.requests.map { $0.suffix(4) } == ["om 0", "2000", "om 0"])
    }

    @Test func moreBytesThanTheFileCanHaveAreRefused() async throws {
        let endless = [UInt8](repeating: 0, count: 200_000)
        let downloader = ScriptedDownloader([.serve(endless), .ignoreRange(endless)])
        let result = try await fetch(downloader, manifest())
        #expect(throws: DatasetError.self) { try result.get() }
        #expect(files.isEmpty)
    }

    @Test func withoutNetworkOneErrorSaysWhatWasTriedAndWhatToDo() async throws {
        guard case .failure(let error) = try await fetch(ScriptedDownloader([]), manifest()) else {
            Issue.record("fetched without a network")
            return
        }
        #expect(error.code == .inputOutput)
        for part in ["http://a/f.gz", "http://b/f", "no network", "ask a friend"] {
            #expect(error.description.contains(part))
        }
        #expect(!error.description.contains("\n"))
        guard case .failure(let supply) = try await fetch(ScriptedDownloader([]), manifest(urls: [])) else { return }
        #expect(supply.code == .missingInput)
    }
}
