extension RunRow {
    /// Whether clients remember something of what they did: by its method, or because they have models of their own.
    public var keepsMemories: Bool { hasMethodMemories || hasOwnModels }

    private var hasOwnModels: Bool {
        guard let text = plan["strategy"]?["personalisation"].flatMap({ PartText(planText: $0) }), text.name != "none",
            let part = try? Catalogue.standard.personalisation(text)
        else { return false }
        return part.personalisation.keepsModels
    }

    private var hasMethodMemories: Bool {
        let said = plan["strategy"]?["method"].flatMap { PartText(planText: $0) }
        let implied = plan["run"]?["algorithm"].flatMap { Plan.Algorithm(rawValue: $0)?.method }
        guard let text = said?.name == "none" ? implied.map({ PartText(name: $0) }) : said,
            text.name != PlainMethod.about.name, let method = try? Catalogue.standard.method(text)
        else { return false }
        return !method.form.memory.isEmpty
    }
}

extension [RoundEndRow] {
    /// By client, the last of these rounds, which are in their order, whose model has an update of its in it.
    package var countedRounds: [ClientID: RoundNumber] {
        var rounds: [ClientID: RoundNumber] = [:]
        for end in self {
            for client in end.counted ?? [] { rounds[client] = end.summary.round }
        }
        return rounds
    }
}
