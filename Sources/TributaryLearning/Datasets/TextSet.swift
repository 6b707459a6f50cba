/// Text by client as windows of 80 characters and the character after each, as in LEAF (Caldas et al. 2018).
enum TextSet {
    /// The number of characters a window shows.
    static let window = 80

    /// The plays by role: roles with more than two lines, the first 80 % of each role's windows to train.
    static func loadShakespeare(_ files: [VerifiedFile]) throws(DatasetError) -> Dataset {
        let lines = try files[0].decoded { (bytes, path) throws(DatasetError) in try TextLines(bytes, source: path) }
        let roles = lines.clients.filter { role in
            role.texts.reduce(0) { count, text in
                count + text.split(separator: "\n").count
            } > 2
        }
        return try WindowBuilder(roles, heldOutFraction: 0.2, source: files[0].path).dataset(name: "shakespeare")
    }

    /// A user's JSON lines of text.
    static func load(_ request: DatasetRequest) throws(DatasetError) -> Dataset {
        try request.files.check(set: "text")
        guard request.files.test.isEmpty else {
            throw .badRequest("the data set text holds out a part of every client's text; it takes no test file")
        }
        var bytes: [UInt8] = []
        let sources = request.files.train.map(request.path(of:))
        for source in sources {
            bytes += try FileContent.read(path: source)
            bytes.append(0x0a)
        }
        let source = sources.joined(separator: "+")
        return try WindowBuilder(
            TextLines(bytes, source: source).clients, heldOutFraction: request.files.heldOutFraction, source: source
        ).dataset(name: "text")
    }
}

/// Cuts clients' texts into windows over one shared text of tokens.
private struct WindowBuilder {
    private var text: [UInt8] = []
    private var names: [String] = []
    private var train: (starts: [UInt32], owners: [UInt32]) = ([], [])
    private var test: (starts: [UInt32], owners: [UInt32]) = ([], [])
    private let vocabulary: [Character]

    init(_ clients: [TextLines.Client], heldOutFraction: Double, source: String) throws(DatasetError) {
        let folded = clients.map { client in
            Array(client.texts.lazy.flatMap { $0.split(whereSeparator: \.isWhitespace) }.joined(separator: " "))
        }
        vocabulary = Self.vocabulary(folded)
        let tokens = Dictionary(
            uniqueKeysWithValues: vocabulary.enumerated().map { ($0.element, UInt8($0.offset)) })
        let other = tokens[Self.replacement] ?? 0
        let total = folded.reduce(0) { $0 + $1.count }
        guard total < Int(UInt32.max) else { throw .badData("\(source): more than 4 GiB of text") }
        text.reserveCapacity(total)
        for (client, characters) in zip(clients, folded) {
            add(client.name, characters.map { tokens[$0] ?? other }, heldOutFraction)
        }
        guard !train.starts.isEmpty else {
            throw .badData("\(source): no client has more than \(TextSet.window) characters of text")
        }
    }

    /// Adds a client that has a window at all. Windows that show a character of the training part are no test windows.
    private mutating func add(_ name: String, _ tokens: [UInt8], _ heldOutFraction: Double) {
        let windows = tokens.count - TextSet.window
        guard windows > 0 else { return }
        let start = text.count
        let owner = UInt32(names.count)
        names.append(name)
        text += tokens
        let trainCount = max(1, Int((Double(windows) * (1 - heldOutFraction)).rounded(.down)))
        for place in 0..<trainCount {
            train.starts.append(UInt32(start + place))
            train.owners.append(owner)
        }
        let firstTest = trainCount + TextSet.window
        guard firstTest < windows else { return }
        for place in firstTest..<windows {
            test.starts.append(UInt32(start + place))
            test.owners.append(owner)
        }
    }

    func dataset(name: String) -> Dataset {
        Dataset(
            name: name, train: examples(train.starts), test: test.starts.isEmpty ? nil : examples(test.starts),
            naturalClients: .init(
                names: names, owners: train.owners, testOwners: test.starts.isEmpty ? nil : test.owners),
            classNames: vocabulary.map(String.init), vocabulary: vocabulary)
    }

    private func examples(_ starts: [UInt32]) -> Examples {
        Examples(
            features: .windows(text: text, starts: starts),
            labels: .classes(
                starts.map { UInt16(text[Int($0) + TextSet.window]) }, classCount: vocabulary.count),
            shape: [TextSet.window])
    }

    private static let replacement: Character = "\u{FFFD}"

    /// The characters in use, in their order; beyond 256 the rarest share U+FFFD.
    private static func vocabulary(_ texts: [[Character]]) -> [Character] {
        var counts: [Character: Int] = [:]
        for text in texts {
            for character in text { counts[character, default: 0] += 1 }
        }
        guard counts.count > 256 else { return counts.keys.sorted() }
        let frequent = counts.filter { $0.key != replacement }.sorted { left, right in
            left.value == right.value ? left.key < right.key : left.value > right.value
        }
        return (frequent.prefix(255).map(\.key) + [replacement]).sorted()
    }
}
