import Foundation
import TributaryCore
import TributaryDatasets

/// The data sets that can be asked for by name.
public enum DatasetCatalogue {
    /// The manifests of the sets that are made of files, in alphabetical order.
    public static let manifests: [DatasetManifest] = EmbeddedManifests.all.compactMap { entry in
        let manifest = try? JSONDecoder().decode(DatasetManifest.self, from: Data(entry.json))
        assert(manifest?.name == entry.name, "the manifest of \(entry.name) is broken")
        return manifest
    }

    /// The sets that need no manifest: `csv` and `text` read a user's files, `synthetic` is made from a seed.
    public static let generated = ["csv", "synthetic", "text"]

    /// All names, in alphabetical order.
    public static var names: [String] { (manifests.map(\.name) + generated).sorted() }

    /// The manifest of a set, or an error that suggests what was meant.
    public static func manifest(named name: String) throws(DatasetError) -> DatasetManifest {
        if let manifest = manifests.first(where: { $0.name == name }) { return manifest }
        throw unknown(name)
    }

    /// The files of a set with the name of the set each is kept under: those of the set it uses come first.
    static func files(of manifest: DatasetManifest) -> [(set: String, file: DatasetManifest.File)] {
        let used = manifests.first { $0.name == manifest.uses }
        return (used.map { used in used.files.map { (used.name, $0) } } ?? [])
            + manifest.files.map { (manifest.name, $0) }
    }

    static func unknown(_ name: String) -> DatasetError {
        .badRequest(
            "there is no data set “\(name.quotable())”" + Suggestion.sentence(for: name, in: names, orList: "known"))
    }
}
