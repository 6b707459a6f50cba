import TributaryCore

extension TaskMethod {
    init(_ message: WireTaskMethod, at field: WireField) throws(ConnectError) {
        let name = try field["name"].text(message.name, bytes: 1...WireLimits.nameBytes)
        guard let text = PartText(planText: name) else {
            throw field["name"].error("must be a method such as nova:mu=0.1")
        }
        let round = try field["counted_round"].count(message.countedRound)
        self.init(
            text, form: try field["form"].text(message.form, bytes: 1...WireLimits.nameBytes),
            countedRound: round == 0 ? nil : RoundNumber(round))
    }
}

extension WireTaskMethod {
    init(_ method: TaskMethod) {
        self.init()
        name = method.text.description
        form = method.form
        countedRound = UInt64(clamping: method.countedRound?.rawValue ?? 0)
    }
}

extension MethodReport {
    /// Whether the figures make sense is for the coordinator to say.
    init(_ message: WireMethodReport, at field: WireField) throws(ConnectError) {
        guard message.figures.count <= WireLimits.methodFigures else {
            throw field["figures"].error(
                "has \(message.figures.count) entries; must have \(WireLimits.methodFigures) at most")
        }
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
