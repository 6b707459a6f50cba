import TributaryCore

extension RunReport {
    /// Carbon up to each round by what it was for, or energy where there is no carbon; nil where it was not counted.
    var energyChart: Chart? {
        guard let totals = record.totals.energy else { return nil }
        let hasCarbon = totals.total.grams != nil
        var sum = RoundSummary.Energy()
        var lines = sum.parts.enumerated().map { place, part in
            Chart.Line(name: Self.title(part.name), pen: .number(place), points: [])
        }
        for round in rounds {
            guard let energy = round.energy else { continue }
            sum = sum + energy
            for (place, part) in sum.parts.enumerated() {
                let value = hasCarbon ? part.amount.grams ?? 0 : part.amount.kilowattHours
                lines[place].points.append((Double(round.round.rawValue), value))
            }
        }
        let title = hasCarbon ? "Carbon so far" : "Energy so far"
        var chart = Chart(
            title: title, caption: hasCarbon ? "In gCO2e, by what it was for" : "In kWh, by what it was for",
            summary: "\(title). " + lines.map { summary(of: $0, .number) }.joined(separator: " "),
            x: roundAxis(ticks: 6),
            y: .init(
                scale: .covering(lines.flatMap { $0.points.map(\.y) }, .amount, tickCount: 4), unit: .number,
                label: hasCarbon ? "gCO2e" : "kWh"))
        chart.lines = lines
        chart.readout = readout(
            sum.parts.enumerated().map { place, part in
                (
                    "\(Self.title(part.name)) in this round", "c\(place)",
                    { Figures.amount($0.energy?.parts[place].amount) }
                )
            })
        return chart
    }

    private static func title(_ name: String) -> String { name.prefix(1).uppercased() + name.dropFirst() }
}

extension Figures {
    /// "0.0123 kWh, 4.56 gCO2e"; nil of nothing.
    static func amount(_ amount: RoundSummary.Energy.Amount?) -> String? {
        amount.map { amount in
            let energy = number(amount.kilowattHours) + "\u{202F}kWh"
            return amount.grams.map { energy + ", " + number($0) + "\u{202F}gCO2e" } ?? energy
        }
    }
}
