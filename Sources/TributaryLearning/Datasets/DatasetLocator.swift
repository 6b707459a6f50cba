import Foundation

/// Finds a set's files on this machine.
///
/// In turn: the folder the user named (and then nowhere else), the folder in `TRIBUTARY_DATA`, the cache that
/// `datasets fetch` fills, the folders of package managers.
public struct DatasetLocator: Sendable {
    private let dataDirectory: String?
    private let environment: [String: String]

    /// A locator for the given folder, if any, and environment.
    public init(dataDirectory: String?, environment: [String: String]) {
        self.dataDirectory = dataDirectory
        self.environment = environment
    }

    /// The folder that `datasets fetch` keeps a set's files in.
    public func cacheDirectory(of set: String) -> String? {
        let base =
            environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? environment["HOME"].flatMap { $0.isEmpty ? nil : "\($0)/.cache" }
        return base.map { "\($0)/tributary/datasets/\(set)" }
    }

    /// The path of every file of a set, in the order of `DatasetCatalogue.files(of:)`.
    func locate(_ manifest: DatasetManifest) throws(DatasetError) -> [String] {
        if let dataDirectory { try expectFolder(dataDirectory) }
        var paths: [String] = []
        for (set, file) in DatasetCatalogue.files(of: manifest) {
            let folders = self.folders(for: manifest, fileSet: set)
            guard let path = Self.first(file.names, in: folders) else {
                throw missing(file, of: manifest, in: folders)
            }
            paths.append(path)
        }
        return paths
    }

    /// Whether all files of a set are on this machine.
    public func has(_ manifest: DatasetManifest) -> Bool {
        (try? locate(manifest)) != nil
    }

    /// The path of one file in the places where it may be, or nil.
    func path(of file: DatasetManifest.File, set: String, for manifest: DatasetManifest) -> String? {
        Self.first(file.names, in: folders(for: manifest, fileSet: set))
    }

    private func folders(for manifest: DatasetManifest, fileSet: String) -> [String] {
        if let dataDirectory { return Self.named(dataDirectory, manifest, fileSet) }
        var folders: [String] = []
        if let named = environment["TRIBUTARY_DATA"], !named.isEmpty {
            folders += Self.named(named, manifest, fileSet)
        }
        if let cache = cacheDirectory(of: fileSet) { folders.append(cache) }
        let packages = DatasetCatalogue.manifests.first { $0.name == fileSet }?.packages ?? []
        return folders + packages.map(\.folder)
    }

    /// Where files of `fileSet` may be in a folder a person named for `manifest`.
    private static func named(_ folder: String, _ manifest: DatasetManifest, _ fileSet: String) -> [String] {
        var folders = [folder, "\(folder)/\(fileSet)"]
        if fileSet != manifest.name { folders.append("\(folder)/\(manifest.name)") }
        if manifest.uses != nil { folders.append("\(folder)/../\(fileSet)") }
        return folders
    }

    /// The first of the files that exists, a proper file before a folder of that name.
    private static func first(_ names: [String], in folders: [String]) -> String? {
        var folderOfThatName: String?
        for folder in folders {
            for name in names {
                let path = "\(folder)/\(name)"
                var isFolder: ObjCBool = false
                guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { continue }
                if !isFolder.boolValue { return path }
                folderOfThatName = folderOfThatName ?? path
            }
        }
        return folderOfThatName
    }

    private func expectFolder(_ path: String) throws(DatasetError) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw DatasetError(.missingInput, "\(path): the data folder does not exist")
        }
        guard isFolder.boolValue else { throw DatasetError(.inputOutput, "\(path): is a file, not a data folder") }
    }

    private func missing(
        _ file: DatasetManifest.File, of manifest: DatasetManifest, in folders: [String]
    ) -> DatasetError {
        let names = file.names.prefix(2).joined(separator: " or ")
        let fetch = file.urls.isEmpty && file.parts == nil ? "" : "run `tributary datasets fetch \(manifest.name)`, or "
        return DatasetError(
            .missingInput,
            "data set \(manifest.name): no \(names) in \(folders.joined(separator: ", ")); \(fetch)\(manifest.offlineHint)"
        )
    }
}
