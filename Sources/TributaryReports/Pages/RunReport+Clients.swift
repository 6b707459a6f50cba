import TributaryCore

extension RunReport {
    func writeClients(to html: inout HTML) {
        Page.section("Clients", in: &html) { html in
            html.element("div", #"class="grid""#) { html in
                participationChart.write(to: &html, classes: "full")
                if let last = rounds.last(where: { $0.federated != nil }), let score = last.federated {
                    SpreadFigure(score: score, round: last.round.rawValue).write(to: &html)
                }
            }
        }
    }

    /// The classes that colour causes: what vanished in steps of orange, what was refused in steps of purple.
    private static func classes(_ cause: DropCause) -> String {
        switch cause {
        case .beforeTraining: "d1"
        case .duringTraining: "d2"
        case .beforeUpload: "d3"
        case .late, .stale: "d4"
        case .stalled: "d5"
        case .noData: "none"
        case .failed: "d6"
        case .declined: "d7"
        case .malformed: "o1"
        case .schema: "o5"
        case .size: "o6"
        case .digest: "o7"
        case .notFinite: "o2"
        case .outOfBound: "o3"
        case .badWeight: "o4"
        }
    }

    static func name(_ cause: DropCause) -> String {
        switch cause {
        case .beforeTraining: "vanished before training"
        case .duringTraining: "vanished during training"
        case .beforeUpload: "vanished before upload"
        case .stalled: "stalled"
        case .late: "late"
        case .stale: "on too old a model"
        case .noData: "no data"
        case .failed: "failed"
        case .declined: "declined"
        case .malformed: "malformed update"
        case .schema: "update of another schema"
        case .size: "update of another size"
        case .digest: "update of another digest"
        case .notFinite: "update not finite"
        case .outOfBound: "update out of bound"
        case .badWeight: "bad weight"
        }
    }

    private var participationChart: Chart {
        let causes = DropCause.allCases.filter { cause in rounds.contains { $0.participation.dropped[cause] ?? 0 > 0 } }
        let bars = stackedBars { round in
            [Double(round.participation.reported)] + causes.map { Double(round.participation.dropped[$0] ?? 0) }
        }
        let reported = rounds.reduce(0) { $0 + $1.participation.reported }
        let invited = rounds.reduce(0) { $0 + $1.participation.invited }
        let abandoned = rounds.filter { $0.outcome == .abandoned }
        let totals = causes.map { cause in (cause, rounds.reduce(0) { $0 + ($1.participation.dropped[cause] ?? 0) }) }
        let counts = totals.map { "\(Self.name($0.0)) \(Figures.count($0.1))" }
        let stacked = bars.bars.map { $0.amounts.reduce(0, +) }
        var chart = Chart(
            title: "Participation per round",
            caption: "Invited clients: what became of them" + bars.remark,
            summary: "Participation. Invited \(Figures.count(invited)), reported \(Figures.count(reported))"
                + counts.map { ", " + $0 }.joined() + ".",
            x: roundAxis(ticks: 11), y: .init(scale: .covering(stacked, .amount), unit: .count, label: "Clients"))
        chart.stack = .init(parts: ["took"] + causes.map(Self.classes), bars: bars.bars)
        chart.key =
            [("took", "reported \(Figures.count(reported))")]
            + zip(totals, counts).map { (Self.classes($0.0.0), $0.1) }
        chart.marks = abandoned.map { Double($0.round.rawValue) }
        if !abandoned.isEmpty { chart.notes = [Self.remark(onAbandoned: abandoned)] }
        chart.readout = readout(
            [("Invited", "none", { Figures.count($0.participation.invited) })]
                + [("Reported", "took", { Figures.count($0.participation.reported) })]
                + causes.map { cause in
                    (
                        Self.name(cause), Self.classes(cause),
                        { $0.participation.dropped[cause].map { Figures.count($0) } }
                    )
                })
        return chart
    }

    private static func remark(onAbandoned rounds: [RoundSummary]) -> String {
        let numbers = rounds.prefix(12).map { Figures.count($0.round.rawValue) }.joined(separator: ", ")
        let list = rounds.count > 12 ? numbers + " and others" : numbers
        return rounds.count == 1
            ? "Round \(list) was abandoned (marked at the top): its contributions did not change the model."
            : "\(Figures.count(rounds.count)) rounds were abandoned (marked at the top): their contributions did not "
                + "change the model. Rounds \(list)."
    }

    /// A bar for every round or, if there are more than fit, for several rounds: then the mean of theirs.
    func stackedBars(_ amounts: (RoundSummary) -> [Double]) -> (
        bars: [(from: Double, to: Double, amounts: [Double])], remark: String
    ) {
        let every = (rounds.count + 249) / 250
        let bars = stride(from: 0, to: rounds.count, by: max(1, every)).map { start in
            let group = rounds[start..<min(start + every, rounds.count)]
            let sums = group.map(amounts).reduce(into: [Double]()) { sums, next in
                sums = sums.isEmpty ? next : zip(sums, next).map(+)
            }
            return (
                from: Double(rounds[start].round.rawValue) - 0.5,
                to: Double(rounds[group.endIndex - 1].round.rawValue) + 0.5,
                amounts: sums.map { $0 / Double(group.count) }
            )
        }
        return (bars, every > 1 ? " (each bar is the mean of \(every) rounds)" : "")
    }
}
