/// Loads data sets by request.
public enum DatasetLoader {
    /// The data set asked for, read and checked.
    public static func load(_ request: DatasetRequest) throws(DatasetError) -> Dataset {
        let base = request.baseName
        if base != "synthetic", request.name != base {
            throw .badRequest("the data set \(base) takes no parameters, so “\(request.name)” has no meaning")
        }
        switch base {
        case "csv": return try CSVSet.load(request)
        case "text": return try TextSet.load(request)
        case "synthetic": return try SyntheticSet(request).dataset(seed: request.seed)
        default: break
        }
        let files = try self.files(of: base, request)
        switch base {
        case "mnist": return try ImageSet.load(name: base, files, classNames: (0...9).map(String.init))
        case "fashion-mnist": return try ImageSet.load(name: base, files, classNames: ImageSet.fashionClasses)
        case "mnist-writers": return try ImageSet.loadWriters(files)
        case "digits": return try DigitsSet.load(files)
        case "heart-disease": return try HeartDiseaseSet.load(files)
        case "shakespeare": return try TextSet.loadShakespeare(files)
        default: throw DatasetCatalogue.unknown(base)
        }
    }

    private static func files(of name: String, _ request: DatasetRequest) throws(DatasetError) -> [VerifiedFile] {
        let manifest = try DatasetCatalogue.manifest(named: name)
        let locator = DatasetLocator(dataDirectory: request.dataDirectory, environment: request.environment)
        let paths = try locator.locate(manifest)
        return zip(paths, DatasetCatalogue.files(of: manifest)).map { path, entry in
            VerifiedFile(path: path, file: entry.file, verifies: request.verifies)
        }
    }
}
