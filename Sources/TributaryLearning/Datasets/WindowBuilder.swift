/// Cuts clients' texts into windows over one shared text of tokens.
struct WindowBuilder {
    private var text: [UInt8] = []
    private var names: [String] = []
    private var train: (starts: [UInt32], owners: [UInt32]) = ([], [])
    private var test: (starts: [UInt32], owners: [UInt32]) = ([], [])
    private let vocabulary: [Character]

    /// Windows of the given clients, the last `heldOutFraction` of each client's as the central test table.
    init(_ clients: [TextLines.Client], heldOutFraction: Double, source: String) throws(DatasetError) {
        var symbols = TextSymbols()
        let folded = clients.map { symbols.fold($0.texts) }
        let (characters, tokens) = symbols.vocabulary()
        vocabulary = characters
        let total = folded.reduce(0) { $0 + $1.count }
        guard total < Int(UInt32.max) else { throw .badData("\(source): more than 4 GiB of text") }
        text.reserveCapacity(total)
        for (client, symbols) in zip(clients, folded) {
            add(client.name, symbols.map { tokens[Int($0)] }, heldOutFraction)
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

    /// The finished data set.
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
}
