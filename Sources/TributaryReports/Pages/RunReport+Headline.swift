import TributaryCore

extension RunReport {
    func writeHeader(to html: inout HTML) {
        html.element("header") { html in
            html.element("p", #"class="kicker""#, "Federated run")
            html.element("h1", "", record.name)
            let data = record.data
            html.element(
                "p", #"class="lead""#,
                "\(record.model.name) (\(Figures.count(record.model.parameters)) parameters) on \(data.set), "
                    + "\(Figures.count(data.clients)) \(data.clients == 1 ? "client" : "clients"), \(data.partition)")
            let (word, kind) = status
            html.element("span", #"class="status \#(kind)""#, word)
        }
    }

    private var status: (String, String) {
        switch record.status {
        case .running: ("Unfinished", "open")
        case .completed: ("Completed", "good")
        case .interrupted: ("Interrupted", "open")
        case .reachedTarget: ("Reached its target", "good")
        case .budgetSpent: ("Privacy budget spent", "good")
        }
    }

    func writeHeadline(to html: inout HTML) {
        let tiles = scoreTiles + costTiles
        // As many in a row as leave no hole, or the smallest.
        let columns = tiles.count % 4 == 0 ? 4 : tiles.count % 3 == 0 ? 3 : tiles.count == 5 ? 5 : 4
        html.element("dl", #"class="tiles" style="--n:\#(columns)""#) { html in
            for tile in tiles {
                html.element("div") { html in
                    html.element("dt", "", tile.name)
                    html.element("dd", "", tile.value)
                    if !tile.note.isEmpty { html.element("dd", #"class="note""#, tile.note) }
                }
            }
        }
    }

    private typealias Tile = (name: String, value: String, note: String)

    private var scoreTiles: [Tile] {
        var tiles: [Tile] = []
        let last = rounds.last { $0.test != nil }
        if let last, let test = last.test {
            let place = "round \(Figures.count(last.round.rawValue))"
            let examples = "\(Figures.count(test.exampleCount)) test examples"
            if let accuracy = test.accuracy {
                tiles.append(("Final test accuracy", Figures.percent(accuracy), "\(place), \(examples)"))
            } else {
                tiles.append(("Final test loss", Figures.number(test.loss), "\(place), \(examples)"))
            }
        }
        if let best = record.totals.bestAccuracy {
            tiles.append(
                ("Best test accuracy", Figures.percent(best.accuracy), "round \(Figures.count(best.round.rawValue))"))
        } else if let best = bestLoss {
            tiles.append(("Lowest test loss", Figures.number(best.loss), "round \(Figures.count(best.round))"))
        }
        if let last = rounds.last(where: { $0.federated != nil }), let score = last.federated,
            let accuracy = score.mean.accuracy
        {
            tiles.append(
                (
                    "On clients' own data", Figures.percent(accuracy),
                    "\(Figures.count(score.clientCount)) clients, round \(Figures.count(last.round.rawValue))"
                ))
        }
        if let target = record.target {
            let reached = target.round.map { Figures.count($0.rawValue) } ?? "not reached"
            tiles.append(("Rounds to \(Figures.percent(target.accuracy, decimals: 1))", reached, ""))
        }
        if let privacy = rounds.last?.privacy {
            tiles.append(
                (
                    "Privacy of a client", privacy.epsilon.map { "ε = \(Figures.number($0))" } ?? "none",
                    "δ = \(Figures.number(privacy.delta)), noise \(Figures.number(privacy.noiseMultiplier))"
                ))
        }
        return tiles
    }

    private var bestLoss: (loss: Double, round: Int)? {
        let scored = rounds.compactMap { round in round.test.map { (loss: $0.loss, round: round.round.rawValue) } }
        return scored.filter { $0.loss.isFinite }.min { $0.loss < $1.loss }
    }

    private var costTiles: [Tile] {
        let totals = record.totals
        let abandoned = totals.rounds - totals.committed
        let bytes = Double(totals.traffic.bytesDown) + Double(totals.traffic.bytesUp)
        let split =
            "\(Figures.bytes(Double(totals.traffic.bytesDown))) down, "
            + "\(Figures.bytes(Double(totals.traffic.bytesUp))) up"
        let memory =
            totals.peakMemoryBytes > 0 ? "\(Figures.bytes(Double(totals.peakMemoryBytes))) of memory at most" : ""
        return [
            (
                "Rounds", Figures.count(totals.rounds),
                (abandoned == 0 ? "" : "\(Figures.count(abandoned)) abandoned, ")
                    + "\(Figures.count(totals.contributions)) contributions"
            ),
            ("Bytes moved", Figures.bytes(bytes), bytes == 0 ? "" : split),
            ("Virtual time", Figures.seconds(totals.virtualSeconds), "as the federation would take"),
            ("Computing time", Figures.seconds(totals.realSeconds), memory),
        ]
    }
}
