import TributaryCore

extension TaskMethod {
    init(_ message: WireTaskMethod, _ layout: TensorLayout, at field: WireField) throws(ConnectError) {
        let name = try field["name"].text(message.name, bytes: 1...WireLimits.nameBytes)
        guard let text = PartText(planText: name) else {
            throw field["name"].error("must be a method such as nova:mu=0.1")
        }
        let round = try field["counted_round"].count(message.countedRound)
        self.init(
            text, form: try field["form"].text(message.form, bytes: 1...WireLimits.nameBytes),
            countedRound: round == 0 ? nil : RoundNumber(round),
            vectors: try Self.vectors(message, layout, at: field["vectors"]),
            messageBounds: try Self.bounds(message, at: field["message_bounds"]))
    }

    private static func vectors(
        _ message: WireTaskMethod, _ layout: TensorLayout, at field: WireField
    ) throws(ConnectError) -> [TensorBlob] {
        try field.checkCount(message.vectors.count, atMost: WireLimits.methodVectors)
        var vectors: [TensorBlob] = []
        for (place, vector) in message.vectors.enumerated() {
            let blob = try TensorBlob(vector, at: field[place])
            guard blob.byteCount == layout.count * blob.encoding.bytesPerElement else {
                throw field[place]["size"].error("is \(blob.byteCount); the vector is as long as the model")
            }
            vectors.append(blob)
        }
        return vectors
    }

    private static func bounds(_ message: WireTaskMethod, at field: WireField) throws(ConnectError) -> [Double] {
        try field.checkCount(message.messageBounds.count, atMost: WireLimits.methodVectors)
        for (place, bound) in message.messageBounds.enumerated() { _ = try field[place].finite(bound, atLeast: 0) }
        return message.messageBounds
    }
}

extension WireTaskMethod {
    init(_ method: TaskMethod) {
        self.init()
        name = method.text.description
        form = method.form
        countedRound = UInt64(clamping: method.countedRound?.rawValue ?? 0)
        vectors = method.vectors.map { WireBlob($0) }
        messageBounds = method.messageBounds
    }
}

extension MethodReport {
    /// Whether the figures make sense is for the coordinator to say.
    init(_ message: WireMethodReport, at field: WireField) throws(ConnectError) {
        try field["figures"].checkCount(message.figures.count, atMost: WireLimits.methodFigures)
        self.init(
            form: try field["form"].text(message.form, bytes: 0...WireLimits.nameBytes), figures: message.figures)
    }
}

extension WireMethodReport {
    init(_ report: MethodReport) {
        self.init()
        form = report.form
        figures = report.figures
    }
}

extension WireField {
    /// Looks that a list here is not too long.
    fileprivate func checkCount(_ count: Int, atMost limit: Int) throws(ConnectError) {
        guard count <= limit else { throw error("has \(count) entries; must have \(limit) at most") }
    }
}
