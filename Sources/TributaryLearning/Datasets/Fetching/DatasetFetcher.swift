import Crypto
import Foundation

/// Fetches the files of named data sets into the cache folder, where the loader looks for them.
///
/// A file is downloaded to a `.part` beside its place, resumed there after an interruption, checked against the
/// manifest's SHA-256 of the decoded content, and only then given its name. Each address is tried in turn.
public struct DatasetFetcher: Sendable {
    private let downloader: any Downloader
    private let locator: DatasetLocator
    private let directory: String?

    /// A fetcher that stores into `directory`/<set>, or into the user's cache folder if that is nil.
    public init(downloader: any Downloader, environment: [String: String], directory: String? = nil) {
        self.downloader = downloader
        self.directory = directory
        locator = DatasetLocator(dataDirectory: nil, environment: environment)
    }

    /// Fetches whatever files of a set are not on this machine yet; returns the paths of all of them.
    public func fetch(
        _ manifest: DatasetManifest, progress: @escaping @Sendable (FetchProgress) -> Void = { _ in }
    ) async throws(DatasetError) -> [String] {
        var paths: [String] = []
        for (set, file) in DatasetCatalogue.files(of: manifest) {
            let item = Item(manifest: manifest, set: set, file: file, progress: progress)
            paths.append(try await fetch(item))
        }
        return paths
    }

    /// One file on its way.
    struct Item {
        let manifest: DatasetManifest
        let set: String
        let file: DatasetManifest.File
        /// A folder within the set's for parts of a file, empty for files themselves.
        var subfolder = ""
        let progress: @Sendable (FetchProgress) -> Void

        var folder: String { "\(set)\(subfolder)" }
        var name: String { file.names.first ?? set }
        /// A packed file is never much longer than its content.
        var limit: Int { file.bytes + file.bytes / 16 + (1 << 16) }

        /// Where parts of a file are kept until it is made, within the set's folder.
        static let partsFolder = "/plays"

        /// A part of this file on its way.
        func part(_ file: DatasetManifest.File) -> Item {
            Item(manifest: manifest, set: set, file: file, subfolder: Self.partsFolder, progress: progress)
        }

        func report(_ stage: FetchProgress.Stage) {
            progress(FetchProgress(set: set, file: name, stage: stage))
        }

        /// Whether a file on disk has the right content.
        func check(_ path: String) throws(DatasetError) {
            _ = try VerifiedFile(path: path, file: file, verifies: true).decoded { (_, _) throws(DatasetError) in }
        }
    }

    func fetch(_ item: Item) async throws(DatasetError) -> String {
        if let path = present(item) {
            item.report(.present(path: path))
            return path
        }
        if let parts = item.file.parts { return try await make(item, from: parts) }
        guard !item.file.urls.isEmpty else {
            throw DatasetError(
                .missingInput,
                "data set \(item.set): \(item.name) is at no public address and has to be supplied: "
                    + item.manifest.offlineHint)
        }
        let folder = try makeFolder(for: item.folder)
        var reasons: [String] = []
        for url in item.file.urls {
            do {
                let path = try await fetch(item, from: url, into: folder)
                item.report(.stored(path: path))
                return path
            } catch {
                if Task.isCancelled { throw error }
                item.report(.failed(url: url, reason: error.description))
                reasons.append("\(url): \(error.description)")
            }
        }
        throw DatasetError(
            .inputOutput,
            "data set \(item.set): \(item.name) could not be fetched (\(reasons.joined(separator: "; "))); "
                + "without internet access: \(item.manifest.offlineHint)")
    }

    /// The path of a file that is here already and right.
    private func present(_ item: Item) -> String? {
        let own = directory.map { directory in item.file.names.map { "\(directory)/\(item.folder)/\($0)" } } ?? []
        let known = directory == nil ? locator.path(of: item.file, set: item.folder, for: item.manifest) : nil
        for path in own + (known.map { [$0] } ?? []) where FileManager.default.fileExists(atPath: path) {
            if (try? item.check(path)) != nil { return path }
        }
        return nil
    }

    func makeFolder(for set: String) throws(DatasetError) -> String {
        guard let folder = directory.map({ "\($0)/\(set)" }) ?? locator.cacheDirectory(of: set) else {
            throw DatasetError(.inputOutput, "there is no cache folder: neither XDG_CACHE_HOME nor HOME is set")
        }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw DatasetError(.inputOutput, "\(folder): the folder cannot be made")
        }
        return folder
    }

    /// Downloads from one address, going on from what an earlier attempt left.
    ///
    /// A cut connection is taken up again as long as every attempt gets further than all before it; what came is
    /// kept for a later run. Wrong content is started over once if a part of it was kept, for that may have been of
    /// another version of the file.
    private func fetch(_ item: Item, from url: String, into folder: String) async throws(DatasetError) -> String {
        // Mirrors may pack the same content differently, so what one of them sent is never completed by another.
        let tag = SHA256.hash(data: Array(url.utf8)).hexadecimal.prefix(8)
        let part = try PartFile(path: "\(folder)/\(item.name).\(tag).part", limit: item.limit)
        if part.count > 0, let path = try? store(part, item, folder) { return path }
        var furthest = part.count
        for _ in 0..<Self.attemptLimit {
            let start = part.count
            do {
                try await receive(item, url, part)
                return try store(part, item, folder)
            } catch {
                if Task.isCancelled { throw error }
                if error.code == .badData {
                    guard start > 0 else {
                        part.discard()
                        throw error
                    }
                    try part.truncate()
                } else {
                    guard part.count > furthest else { throw error }
                    furthest = part.count
                }
            }
        }
        throw DatasetError(.inputOutput, "the connection was cut \(Self.attemptLimit) times")
    }

    /// The most connections made for one file at one address.
    private static let attemptLimit = 100

    private func receive(_ item: Item, _ url: String, _ part: PartFile) async throws(DatasetError) {
        let asked = part.count
        let progress = ReceivedTotal()
        try await downloader.download(url, from: asked) { (event) throws(DatasetError) in
            try part.receive(event, asked: asked)
            if case .response(_, let total) = event { progress.set(total) }
            item.report(.receiving(bytes: part.count, total: progress.value))
        }
        if let total = progress.value, part.count != total {
            throw DatasetError(.inputOutput, "the connection was cut after \(part.count) of \(total) bytes")
        }
    }

    /// Checks a complete part and gives it its name: with `.gz` if that is how it came.
    func store(_ part: PartFile, _ item: Item, _ folder: String) throws(DatasetError) -> String {
        try item.check(part.path)
        let packed =
            (try? FileHandle(forReadingFrom: URL(fileURLWithPath: part.path)).read(upToCount: 2)) == Data([0x1f, 0x8b])
        let destination = "\(folder)/\(item.name)\(packed ? ".gz" : "")"
        try part.store(at: destination)
        return destination
    }
}
