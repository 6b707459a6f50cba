internal import TributaryCore

extension TaskPersonal {
    /// Reads what a task asks of a client that has a model of its own. Throws `invalid_argument` for what makes no sense: a client
    /// that misread it would send what is to stay with it.
    init(_ message: WireTaskPersonal, _ layout: TensorLayout, at field: WireField) throws(ConnectError) {
        let name = try field["name"].text(message.name, bytes: 1...WireLimits.nameBytes)
        guard let text = PartText(planText: name) else {
            throw field["name"].error("must be a personalisation such as ditto:lambda=0.5")
        }
        let round = try field["counted_round"].count(message.countedRound)
        self.init(
            text, form: try field["form"].text(message.form, bytes: 1...WireLimits.nameBytes),
            head: try Self.head(message, layout, at: field["head"]),
            countedRound: round == 0 ? nil : RoundNumber(round))
    }

    /// The names of some of the layout's tensors, in its order.
    private static func head(
        _ message: WireTaskPersonal, _ layout: TensorLayout, at field: WireField
    ) throws(ConnectError) -> [String] {
        guard message.head.count < layout.tensors.count else {
            throw field.error(
                "has \(message.head.count) entries; the model has \(layout.tensors.count) tensors, and some are shared")
        }
        var rest = layout.tensors[...]
        for (place, name) in message.head.enumerated() {
            guard let found = rest.firstIndex(where: { $0.name == name }) else {
                throw field[place].error("is not a tensor of the layout, or not in its order")
            }
            rest = rest[(found + 1)...]
        }
        return message.head
    }
}

extension WireTaskPersonal {
    init(_ personal: TaskPersonal) {
        self.init()
        name = personal.text.description
        form = personal.form
        countedRound = UInt64(clamping: personal.countedRound?.rawValue ?? 0)
        head = personal.head
    }
}

extension Evaluation {
    /// Reads the score of a client's own model, of the same examples as that of the global one; nil if there is none.
    init?(own message: WireEvaluationResult, at field: WireField) throws(ConnectError) {
        guard message.hasOwnLossSum else {
            guard !message.hasOwnCorrectCount else { throw field["own_loss_sum"].error("must be there") }
            return nil
        }
        let count = try field["example_count"].count(message.exampleCount)
        let correct =
            message.hasOwnCorrectCount
            ? try field["own_correct_count"].count(message.ownCorrectCount, in: 0...count) : nil
        self.init(exampleCount: count, lossSum: message.ownLossSum, correctCount: correct)
    }
}

extension WireEvaluationResult {
    /// Adds the score of a client's own model.
    mutating func add(own: Evaluation?) {
        guard let own else { return }
        ownLossSum = own.lossSum
        if let correct = own.correctCount { ownCorrectCount = UInt64(clamping: correct) }
    }
}
