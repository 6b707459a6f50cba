import TributaryCore

extension RunProgress {
    /// A few lines on how the run went.
    func summary(_ record: RunRecord, _ report: String?) -> String {
        let totals = record.totals
        let abandoned = totals.rounds - totals.committed
        var head = "\(word(record.status)): \(record.name), \(Figures.count(totals.rounds)) rounds"
        if abandoned > 0 { head += " (\(Figures.count(abandoned)) abandoned)" }
        head += ", \(Figures.count(totals.contributions)) contributions"
        var rows = scores(record)
        let (down, up) = (Double(totals.traffic.bytesDown), Double(totals.traffic.bytesUp))
        rows.append(
            ("bytes moved", "\(Figures.bytes(down + up)) (\(Figures.bytes(down)) down, \(Figures.bytes(up)) up)"))
        if let lastPrivacy { rows.append(("privacy", Self.text(lastPrivacy))) }
        if let energy = totals.energy, let text = Figures.amount(energy.total) { rows.append(("energy", text)) }
        rows.append(("virtual time", Figures.seconds(totals.virtualSeconds)))
        rows.append(("computing time", Figures.seconds(totals.realSeconds)))
        if let report { rows.append(("report", report)) }
        let width = (rows.map(\.name.count).max() ?? 0) + 2
        return style.paint(ProgressStyle.plain(head), .bold) + "\n"
            + rows.map { row in
                let name = row.name + String(repeating: " ", count: width - row.name.count)
                return "  " + style.paint(name, .dim) + ProgressStyle.plain(row.value) + "\n"
            }.joined()
    }

    private static func text(_ privacy: RoundSummary.PrivacySpending) -> String {
        guard let epsilon = privacy.epsilon else { return "no ε, as there is no noise" }
        return "ε \(Figures.number(epsilon)) at δ \(Figures.number(privacy.delta)), noise "
            + Figures.number(privacy.noiseMultiplier)
    }

    private func scores(_ record: RunRecord) -> [(name: String, value: String)] {
        var rows: [(name: String, value: String)] = []
        if let test = record.totals.finalTest {
            if let accuracy = test.accuracy {
                let best = record.totals.bestAccuracy.map {
                    ", best \(Figures.percent($0.accuracy)) in round \(Figures.count($0.round.rawValue))"
                }
                rows.append(("test accuracy", Figures.percent(accuracy) + (best ?? "")))
            }
            rows.append(("test loss", Figures.number(test.loss)))
        }
        for baseline in record.baselines where baseline.kind == .personal {
            guard let own = baseline.federated else { continue }
            let figure = own.mean.accuracy.map { Figures.percent($0) } ?? "loss \(Figures.number(own.mean.loss))"
            let ends = own.accuracy.map {
                "; worst tenth \(Figures.percent($0.worstTenth)), best \(Figures.percent($0.bestTenth))"
            }
            rows.append(
                ("own models", "\(figure) on the data of \(Figures.count(own.clientCount)) clients" + (ends ?? "")))
        }
        for baseline in record.baselines where baseline.kind != .personal {
            let name = baseline.kind == .local ? "each client alone" : "data pooled"
            if let accuracy = baseline.test?.accuracy {
                rows.append((name, Figures.percent(accuracy)))
            } else if let loss = baseline.test?.loss {
                rows.append((name, "loss \(Figures.number(loss))"))
            }
        }
        if let target = record.target {
            let reached = target.round.map { "reached in round \(Figures.count($0.rawValue))" } ?? "not reached"
            rows.append(("target", "\(Figures.percent(target.accuracy, decimals: 1)) \(reached)"))
        }
        return rows
    }

    private func word(_ status: RunRecord.Status) -> String {
        switch status {
        case .running: "Unfinished"
        case .completed: "Completed"
        case .interrupted: "Interrupted"
        case .reachedTarget: "Target reached"
        case .budgetSpent: "Privacy budget spent"
        }
    }
}
