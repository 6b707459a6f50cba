public import TributaryCore

/// The report of one run: a page that needs nothing but itself.
///
/// ```swift
/// let (record, rounds) = try folder.read()
/// try folder.writeReport(RunReport(record: record, rounds: rounds).html())
/// ```
///
/// The page shows what the rounds say. Totals are counted anew from them, so that the report of a run that was
/// killed, and could not write its last totals, is still right.
public struct RunReport: Sendable {
    let record: RunRecord
    let rounds: [RoundSummary]

    /// The report of a run and its rounds in ascending order.
    public init(record: RunRecord, rounds: [RoundSummary]) {
        var recounted = record
        recounted.totals = .init()
        recounted.target?.round = nil
        for round in rounds { recounted.add(round) }
        recounted.totals.peakMemoryBytes = record.totals.peakMemoryBytes
        recounted.totals.realSeconds = max(recounted.totals.realSeconds, record.totals.realSeconds)
        self.record = recounted
        self.rounds = rounds
    }

    /// The page.
    public func html() -> String {
        Page(title: "\(record.name) – federated run").html { html in
            writeHeader(to: &html)
            writeHeadline(to: &html)
            if rounds.isEmpty {
                html.element("p", #"class="panel" style="margin-top:16px""#, "No round has ended yet.")
            } else {
                writeLearning(to: &html)
                writeClients(to: &html)
                writeCost(to: &html)
            }
            writeRun(to: &html)
            writePlan(to: &html)
            if !rounds.isEmpty { writeRounds(to: &html) }
            writeRepetition(to: &html)
            html.element("footer", "", "Made by Tributary \(record.version).")
        }
    }
}

// MARK: - What charts of one run have in common

extension RunReport {
    /// The axis of rounds for a chart of the given number of ticks.
    func roundAxis(ticks: Int) -> Chart.Axis {
        let first = rounds.first?.round.rawValue ?? 1
        let last = rounds.last?.round.rawValue ?? 1
        return Chart.Axis(
            scale: .rounds(first, last, tickCount: ticks), unit: .count, label: "Round")
    }

    /// The rounds that have the figure, with it.
    func points(_ figure: (RoundSummary) -> Double?) -> [(x: Double, y: Double)] {
        rounds.compactMap { round in figure(round).map { (Double(round.round.rawValue), $0) } }
    }

    /// The rounds that have both figures, with them.
    func points(_ low: (RoundSummary) -> Double?, _ high: (RoundSummary) -> Double?) -> [(
        x: Double, low: Double, high: Double
    )] {
        rounds.compactMap { round in
            guard let low = low(round), let high = high(round) else { return nil }
            return (Double(round.round.rawValue), low, high)
        }
    }

    /// A read-out with a place for every round.
    func readout(_ columns: [(name: String, classes: String, text: (RoundSummary) -> String?)]) -> Readout {
        Readout(
            places: rounds.map { Double($0.round.rawValue) },
            headings: rounds.map {
                "Round \(Figures.count($0.round.rawValue))" + ($0.outcome == .abandoned ? ", abandoned" : "")
            },
            columns: columns.map { column in
                (column.name, column.classes, rounds.map { column.text($0) ?? "" })
            })
    }

    /// Whether there are so many rounds that lines should be thin.
    var isLong: Bool { rounds.count > 400 }

    /// "Test: 12.10 % in round 1, 86.20 % in round 200", for those who do not see the line.
    func summary(of line: Chart.Line, _ unit: Chart.Unit) -> String {
        guard let first = line.points.first, let last = line.points.last else { return "" }
        let start = "\(line.name): \(unit.text(first.y)) in round \(Figures.count(Int(first.x)))"
        return line.points.count == 1
            ? start + "." : start + ", \(unit.text(last.y)) in round \(Figures.count(Int(last.x)))."
    }

    /// A remark on figures that are not numbers, if there are any.
    func remark(onNotFinite lines: [Chart.Line]) -> [String] {
        lines.compactMap { line in
            let odd = line.points.filter { !Scale.isShown($0.y) }
            guard let first = odd.first else { return nil }
            let start = odd.count == 1 ? "is not finite" : "is not finite \(Figures.count(odd.count)) times, first"
            return "\(line.name) \(start) in round \(Figures.count(Int(first.x))) (marked at the top)."
        }
    }

    /// The places of figures that are not numbers.
    func marks(ofNotFinite lines: [Chart.Line]) -> [Double] {
        Set(lines.flatMap { $0.points.filter { !Scale.isShown($0.y) }.map(\.x) }).sorted()
    }
}
