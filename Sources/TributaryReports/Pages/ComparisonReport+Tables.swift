import TributaryCore

extension ComparisonReport {
    func writeTable(to html: inout HTML) {
        let rows = runs.indices.map { [names[$0]] + cells(of: runs[$0]) }
        var header = ["Run", "Rounds", "Final accuracy", "Best accuracy", "Final loss", "Bytes moved", "Virtual time"]
        if let target {
            let share = Figures.percent(target, decimals: 1)
            header += ["Rounds to \(share)", "Bytes to \(share)", "Time to \(share)"]
        }
        Page.section("Results", in: &html) { html in
            html.element("div", #"class="panel""#) { html in
                Table(caption: tableCaption, header: header, rows: rows, numeric: 1..<header.count)
                    .withoutEmptyColumns().write(to: &html)
            }
        }
    }

    private var tableCaption: String {
        let what = "Accuracy and loss on the central test set; bytes are those down and up together; time is virtual."
        guard let target, !isTargetGiven else { return what }
        return what + " \(Figures.percent(target, decimals: 1)) is the highest round figure that all runs reached."
    }

    private func cells(of run: Run) -> [String] {
        let last = run.rounds.last { $0.test != nil }?.test
        var cells = [
            Figures.count(run.rounds.count), last?.accuracy.map { Figures.percent($0) } ?? "–", Self.best(of: run),
            last.map { Figures.number($0.loss) } ?? "–", Figures.bytes(Self.bytes(run.rounds[...])),
            Figures.seconds(run.rounds.last?.timing.virtualElapsed ?? 0),
        ]
        if let target { cells += Self.cost(of: run, to: target) }
        return cells
    }

    private static func best(of run: Run) -> String {
        var best: (accuracy: Double, round: Int)?
        for round in run.rounds {
            guard let accuracy = round.test?.accuracy, accuracy > best?.accuracy ?? -1 else { continue }
            best = (accuracy, round.round.rawValue)
        }
        guard let best else { return "–" }
        return "\(Figures.percent(best.accuracy)) (round \(Figures.count(best.round)))"
    }

    /// Rounds, bytes and virtual time until the accuracy was first reached.
    private static func cost(of run: Run, to target: Double) -> [String] {
        guard let place = run.rounds.firstIndex(where: { $0.test?.accuracy ?? -1 >= target }) else {
            return ["not reached", "–", "–"]
        }
        let round = run.rounds[place]
        return [
            Figures.count(round.round.rawValue), Figures.bytes(bytes(run.rounds[...place])),
            Figures.seconds(round.timing.virtualElapsed),
        ]
    }

    static func bytes(_ rounds: ArraySlice<RoundSummary>) -> Double {
        rounds.reduce(0) { $0 + Double($1.traffic.bytesDown) + Double($1.traffic.bytesUp) }
    }

    /// The settings in which the runs differ.
    func writeDifferences(to html: inout HTML) {
        let rows = differences
        Page.section("Differences", in: &html) { html in
            html.element("div", #"class="panel""#) { html in
                if rows.isEmpty {
                    html.element("p", "", "The runs have the same plan, seed, data, model and version.")
                } else {
                    Table(
                        caption: "Only what is not the same in all runs", header: ["Setting"] + names, rows: rows
                    ).write(to: &html)
                }
            }
        }
    }

    private var differences: [[String]] {
        var rows: [[String]] = []
        func compare(_ name: String, _ value: (Run) -> String?) {
            let values = runs.map { value($0) ?? "–" }
            if Set(values).count > 1 { rows.append([name] + values) }
        }
        let keys = Set(
            runs.flatMap { run in run.record.plan.flatMap { section in section.value.keys.map { [section.key, $0] } } })
        for key in keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            compare(key.joined(separator: "."), { $0.record.plan[key[0]]?[key[1]] })
        }
        /// What the record says once more is compared only where a plan does not say it.
        func compare(_ name: String, unlessIn key: [String], _ value: (Run) -> String?) {
            if !runs.allSatisfy({ $0.record.plan[key[0]]?[key[1]] != nil }) { compare(name, value) }
        }
        compare("Seed", unlessIn: ["run", "seed"]) { "\($0.record.seed)" }
        compare("Data set", unlessIn: ["data", "set"]) { $0.record.data.set }
        compare("Examples at clients", { Figures.count($0.record.data.trainExamples) })
        compare("Clients", unlessIn: ["data", "clients"]) { Figures.count($0.record.data.clients) }
        compare("Partition", unlessIn: ["data", "partition"]) { $0.record.data.partition }
        compare("Model", unlessIn: ["run", "model"]) { $0.record.model.name }
        compare("Parameters", { Figures.count($0.record.model.parameters) })
        compare("Tributary", { $0.record.version })
        return rows
    }
}
