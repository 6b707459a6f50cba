import TributaryCore

/// What is known of clients as a tensor, a row a client: its number, the rounds it was invited to, the last of them and the
/// bits of its figures, each as four numbers of 16 bits, which single precision holds as they are.
enum SelectionTensor {
    static let name = "selection/clients"
    private static let fixedWords = 3
    private static let piecesPerWord = 4

    /// The metadata of a state; nothing if nothing is kept.
    static func metadata(_ state: SelectionState) -> [String: String] {
        guard state != .none else { return [:] }
        return [
            "selection_state": state.form, "selection_figures": state.figures.map { "\($0)" }.joined(separator: ","),
        ]
    }

    /// The tensors, and the state's after them if it knows anybody.
    static func join(_ weights: Weights, _ state: SelectionState) -> Weights {
        let clients = state.clients.sorted { $0.key < $1.key }
        guard let width = clients.first?.value.figures.count else { return weights }
        var values = weights.values
        for (client, history) in clients {
            let words =
                [client.rawValue, UInt64(history.invitations), UInt64(history.lastRound.rawValue)]
                + history.figures.map(\.bitPattern)
            for word in words {
                for piece in 0..<piecesPerWord { values.append(Float((word >> (16 * UInt64(piece))) & 0xFFFF)) }
            }
        }
        let shape = [clients.count, piecesPerWord * (fixedWords + width)]
        let tensors = weights.layout.tensors.map { (name: $0.name, shape: $0.shape) } + [(name: name, shape: shape)]
        return Weights(layout: TensorLayout(tensors), values: values)
    }

    /// What `join` and `metadata` wrote; the tensors as they are if there is nothing of it.
    static func split(
        _ tensors: Weights, _ metadata: [String: String]
    ) throws(Checkpoint.FormatError) -> (Weights, SelectionState) {
        guard let form = metadata["selection_state"] else { return (tensors, .none) }
        let texts = (metadata["selection_figures"] ?? "").split(separator: ",")
        let figures = texts.compactMap { Double($0) }
        guard !form.isEmpty, figures.count == texts.count else { throw damaged }
        var state = SelectionState(form: form, figures: figures)
        guard let last = tensors.layout.tensors.last, last.name == name else { return (tensors, state) }
        guard last.shape.count == 2, last.shape[1] % piecesPerWord == 0, last.shape[1] >= piecesPerWord * fixedWords,
            tensors.layout.tensors.count > 1
        else { throw damaged }
        let own = tensors.layout.tensors.dropLast().map { (name: $0.name, shape: $0.shape) }
        let cells = last.shape[0] * last.shape[1]
        let words = try words(tensors.values.suffix(cells))
        for row in stride(from: 0, to: words.count, by: last.shape[1] / piecesPerWord) {
            let line = words[row..<row + last.shape[1] / piecesPerWord]
            guard let invitations = Int(exactly: words[row + 1]), let round = Int(exactly: words[row + 2]) else {
                throw damaged
            }
            state.clients[ClientID(words[row])] = SelectionState.History(
                invitations: invitations, lastRound: RoundNumber(round),
                figures: line.dropFirst(fixedWords).map(Double.init(bitPattern:)))
        }
        return (Weights(layout: TensorLayout(own), values: Array(tensors.values.dropLast(cells))), state)
    }

    private static func words(_ cells: ArraySlice<Float>) throws(Checkpoint.FormatError) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: cells.count / piecesPerWord)
        for (place, cell) in cells.enumerated() {
            guard let piece = UInt16(exactly: cell) else { throw damaged }
            words[place / piecesPerWord] |= UInt64(piece) << (16 * UInt64(place % piecesPerWord))
        }
        return words
    }

    private static var damaged: Checkpoint.FormatError {
        Checkpoint.FormatError(description: "what it knows of clients' participation cannot be read")
    }
}
