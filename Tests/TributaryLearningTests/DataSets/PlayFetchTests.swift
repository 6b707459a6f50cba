import Foundation
import Testing
import TributaryLearning

/// Serves files from memory by the last part of their address.
private struct MemoryDownloader: Downloader {
    var files: [String: [UInt8]]

    func download(
        _ url: String, from offset: Int,
        receive: @escaping @Sendable (DownloadEvent) throws(DatasetError) -> Void
    ) async throws(DatasetError) {
        guard let bytes = files[url.split(separator: "/").last.map(String.init) ?? ""] else {
            throw DatasetError(.inputOutput, "status 404")
        }
        try receive(.response(offset: 0, total: bytes.count))
        try receive(.bytes(bytes))
    }
}

struct PlayFetchTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// The files of an unpacked tar archive by name without folders.
    private func files(inTar bytes: [UInt8]) -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        var place = 0
        while place + 512 <= bytes.count, bytes[place] != 0 {
            let name = String(decoding: bytes[place..<place + 100].prefix { $0 != 0 }, as: UTF8.self)
            let octal = String(decoding: bytes[place + 124..<place + 135], as: UTF8.self)
            let size = Int(octal.trimmingCharacters(in: .whitespaces), radix: 8) ?? 0
            files[name.split(separator: "/").last.map(String.init) ?? ""] = Array(
                bytes[place + 512..<place + 512 + size])
            place += 512 + (size + 511) / 512 * 512
        }
        return files
    }

    /// The manifest's checksum is that of a file cut elsewhere by the same rules, so every byte must agree.
    @Test(.enabled(if: RealData.has("shakespeare"), "needs the shared data sets"))
    func thePlaysAreCutIntoTheFileOfTheManifest() async throws {
        let archive = try FileContent.read(path: RealData.root + "/shakespeare/texts.tar.gz")
        let environment = ["XDG_CACHE_HOME": scratch.path]
        let fetcher = DatasetFetcher(
            downloader: MemoryDownloader(files: files(inTar: archive)), environment: environment)
        let manifest = try DatasetCatalogue.manifest(named: "shakespeare")
        let folder = scratch.path + "/tributary/datasets/shakespeare"
        #expect(try await fetcher.fetch(manifest) == ["\(folder)/by-role.jsonl"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["by-role.jsonl"])
        let data = try DatasetLoader.load(DatasetRequest(name: "shakespeare", environment: environment))
        #expect(data.naturalClients?.names.contains("macbeth/LADY MACBETH") == true)
    }

    @Test func withoutNetworkTheHintSaysWhatToSupply() async throws {
        let fetcher = DatasetFetcher(
            downloader: MemoryDownloader(files: [:]), environment: ["XDG_CACHE_HOME": scratch.path])
        let manifest = try DatasetCatalogue.manifest(named: "shakespeare")
        await #expect { try await fetcher.fetch(manifest) } throws: { error in
            (error as? DatasetError)?.description.contains("supply by-role.jsonl") == true
        }
    }
}
