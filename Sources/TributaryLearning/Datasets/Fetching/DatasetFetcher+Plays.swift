import Foundation

extension DatasetFetcher {
    /// Fetches the plays that a file is cut from, cuts them, and keeps the result if it is what the manifest says.
    func make(_ item: Item, from parts: [DatasetManifest.File]) async throws(DatasetError) -> String {
        var lines: [UInt8] = []
        for part in parts {
            let path = try await fetch(item.part(part))
            let name = (part.names.first ?? "").split(separator: ".").first.map(String.init) ?? ""
            lines +=
                PlayCutter(try FileContent.read(path: path, limit: 2 * part.bytes + (1 << 16)), play: name).jsonLines
        }
        let folder = try makeFolder(for: item.folder)
        let made = try PartFile(path: "\(folder)/\(item.name).made.part", limit: item.limit)
        try made.truncate()
        try made.receive(.bytes(lines), asked: 0)
        do {
            let path = try store(made, item, folder)
            try? FileManager.default.removeItem(atPath: folder + Item.partsFolder)
            item.report(.stored(path: path))
            return path
        } catch {
            made.discard()
            throw error
        }
    }
}
