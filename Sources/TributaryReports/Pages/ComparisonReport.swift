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
                html.element("p", #"class="kicker""#, kicker)
                html.element("h1", "", heading)
                writeKey(to: &html)
            }
            writeTable(to: &html)
            writeCurves(to: &html)
            writeDifferences(to: &html)
            html.element("footer", "", "Made by Tributary.")
        }
    }

    /// What all runs are called, where that is the same and so says nothing in the lists below.
    private var kicker: String {
        let what = "Comparison of federated runs"
        guard let name = Self.commonName(of: runs), !names[0].hasPrefix(name) else { return what }
        return "\(what): \(name)"
    }

    private var heading: String {
        names.count <= 3 ? names.joined(separator: ", ") : "\(Figures.count(runs.count)) runs"
    }

    /// The name of each run beside its colour.
    func writeKey(to html: inout HTML) {
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
    /// Runs that all have the same name, such as that of their data set and model, are called by their folders if that
    /// tells them apart. Else those of the same name get the ends of their folders' paths, and if need be numbers.
    private static func distinctNames(of runs: [Run]) -> [String] {
        let folders = runs.map { lastPart($0.folder) }
        if commonName(of: runs) != nil, Set(folders).count == runs.count, !folders.contains(where: isDots) {
            return folders
        }
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

    /// The name of all runs, if there are several and all have the same.
    private static func commonName(of runs: [Run]) -> String? {
        guard runs.count > 1, let name = runs.first?.record.name else { return nil }
        return runs.allSatisfy { $0.record.name == name } ? name : nil
    }

    /// Whether a path's part is no name: nothing, `.` or `..`.
    private static func isDots(_ part: String) -> Bool { part.allSatisfy { $0 == "." } }

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
