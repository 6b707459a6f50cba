public import TributaryCore

/// A page that lays several runs beside each other: their curves, what each took to a common target, and where
/// their plans differ. Made for 2 to 12 runs.
public struct ComparisonReport: Sendable {
    /// A run to compare.
    public struct Run: Sendable {
        /// The run's record.
        public var record: RunRecord
        /// Its rounds in ascending order.
        public var rounds: [RoundSummary]
        /// The folder it was read from, which tells runs of the same name apart.
        public var folder: String

        /// A run with all its parts.
        public init(record: RunRecord, rounds: [RoundSummary], folder: String) {
            (self.record, self.rounds, self.folder) = (record, rounds, folder)
        }
    }

    let runs: [Run]
    /// What each run is called on the page; no two alike.
    let names: [String]
    let target: Double?
    let isTargetGiven: Bool

    /// A comparison of runs, in the given order.
    ///
    /// - Parameter target: the accuracy, in 0 ... 1, that rounds and bytes are counted to; nil for the highest
    ///   round figure that all runs reached.
    public init(runs: [Run], target: Double? = nil) {
        self.runs = runs
        self.names = Self.distinctNames(of: runs)
        self.target = target ?? Self.commonTarget(of: runs)
        self.isTargetGiven = target != nil
    }

    /// The page.
    public func html() -> String {
        Page(title: "Comparison of \(runs.count) runs").html { html in
            html.element("header") { html in
                html.element("p", #"class="kicker""#, "Comparison of federated runs")
                html.element("h1", "", heading)
                writeKey(to: &html)
            }
            writeTable(to: &html)
            writeCurves(to: &html)
            writeDifferences(to: &html)
            html.element("footer", "", "Made by Tributary.")
        }
    }

    private var heading: String {
        names.count <= 3 ? names.joined(separator: ", ") : "\(Figures.count(runs.count)) runs"
    }

    private func writeKey(to html: inout HTML) {
        html.element("ul", #"class="key""#) { html in
            for place in runs.indices {
                html.element("li") { html in
                    html.raw(#"<i class="swatch stroke \#(Chart.Pen.number(place).classes)"></i>"#)
                    html.text(names[place])
                }
            }
        }
    }
}

// MARK: - Names and target

extension ComparisonReport {
    /// Runs of the same name are told apart by the ends of their folders' paths, and if need be by number.
    private static func distinctNames(of runs: [Run]) -> [String] {
        let first = disambiguate(runs.map(\.record.name)) { lastPart(runs[$0].folder) }
        let second = disambiguate(first) { runs[$0].folder }
        return disambiguate(second) { "\($0 + 1)" }
    }

    private static func disambiguate(_ names: [String], by suffix: (Int) -> String) -> [String] {
        let counts = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
        return names.indices.map { place in
            let name = names[place]
            return counts[name, default: 1] > 1 && !suffix(place).isEmpty ? "\(name) (\(suffix(place)))" : name
        }
    }

    private static func lastPart(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? ""
    }

    /// The highest multiple of 5 % (above 90 %: of 1 %) that every run reached; nil if one has no accuracy.
    private static func commonTarget(of runs: [Run]) -> Double? {
        var lowest = 1.0
        for run in runs {
            let accuracies = run.rounds.compactMap { $0.test?.accuracy }.filter(\.isFinite)
            guard let best = accuracies.max() else { return nil }
            lowest = min(lowest, best)
        }
        let step = lowest >= 0.9 ? 1.0 : 5.0
        // The small addition keeps 0.57 · 100 = 56.99… at 57.
        let percent = (lowest * 100 / step + 1e-9).rounded(.down) * step
        return !runs.isEmpty && percent > 0 ? percent / 100 : nil
    }
}
