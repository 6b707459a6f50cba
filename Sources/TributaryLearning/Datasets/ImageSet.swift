/// MNIST and the sets made like it: images and labels in four IDX files.
enum ImageSet {
    static let fashionClasses = [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ]

    /// Loads the files train images, train labels, test images, test labels. A pixel's value is its byte / 255.
    static func load(name: String, _ files: [VerifiedFile], classNames: [String]) throws(DatasetError) -> Dataset {
        let train = try examples(images: files[0], labels: files[1], classCount: classNames.count)
        let test = try examples(images: files[2], labels: files[3], classCount: classNames.count)
        guard train.shape == test.shape else {
            throw .badData("\(files[2].path): images of another size than those of \(files[0].path)")
        }
        return Dataset(name: name, train: train, test: test, classNames: classNames)
    }

    /// MNIST with the writer of every training digit, from QMNIST's label file (the fifth).
    ///
    /// No writer is in both halves, so writers hold out from their own training digits.
    static func loadWriters(_ files: [VerifiedFile]) throws(DatasetError) -> Dataset {
        var dataset = try load(name: "mnist-writers", files, classNames: (0...9).map(String.init))
        let labels = files[4]
        let idx = try labels.decoded { (bytes, path) throws(DatasetError) in try IDX(bytes, source: path) }
        guard case .integers(let rows) = idx.elements, idx.shape.count == 2, idx.shape[1] >= 3 else {
            throw .badData("\(labels.path): not a table of QMNIST labels (32-bit integers, eight columns)")
        }
        let (count, columns) = (idx.shape[0], idx.shape[1])
        guard count == dataset.train.count else {
            throw .badData("\(labels.path): has \(count) rows for \(dataset.train.count) images")
        }
        // Column 2 is the writer; clients are numbered in the order of the writers' numbers.
        let writers = (0..<count).map { rows[$0 * columns + 2] }
        let distinct = Set(writers).sorted()
        let index = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($0.element, UInt32($0.offset)) })
        dataset.naturalClients = .init(
            names: distinct.map { "writer \($0)" }, owners: writers.map { index[$0, default: 0] })
        return dataset
    }

    private static func examples(
        images: VerifiedFile, labels: VerifiedFile, classCount: Int
    ) throws(DatasetError) -> Examples {
        let pixels = try images.decoded { (bytes, path) throws(DatasetError) in try IDX(bytes, source: path) }
        guard case .bytes(let bytes) = pixels.elements, pixels.shape.count == 3 else {
            throw .badData("\(images.path): not a table of images (three dimensions of bytes)")
        }
        let shape = Array(pixels.shape[1...])
        guard pixels.shape[0] > 0, !shape.contains(0) else { throw .badData("\(images.path): holds no images") }
        let table = try labels.decoded { (bytes, path) throws(DatasetError) in try IDX(bytes, source: path) }
        guard case .bytes(let classes) = table.elements, table.shape.count == 1 else {
            throw .badData("\(labels.path): not a list of labels (one dimension of bytes)")
        }
        guard classes.count == pixels.shape[0] else {
            throw .badData(
                "\(labels.path): has \(classes.count) labels for the \(pixels.shape[0]) images of \(images.path)")
        }
        if let place = classes.firstIndex(where: { Int($0) >= classCount }) {
            throw .badData(
                "\(labels.path): byte \(8 + place): label \(classes[place]), but there are \(classCount) classes")
        }
        return Examples(
            features: .bytes(bytes, scale: 1 / 255), labels: .classes(classes.map(UInt16.init), classCount: classCount),
            shape: shape)
    }
}
