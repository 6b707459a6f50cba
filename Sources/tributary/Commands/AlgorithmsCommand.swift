import ArgumentParser
import TributaryCore

/// `tributary algorithms`
struct AlgorithmsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "algorithms",
        abstract: "List the federated algorithms and the parts that strategies are put together from.",
        discussion: """
            Each with its parameters and their defaults, where it is from, and what it goes together with.
              tributary algorithms
              tributary algorithms adam
              tributary simulate --dataset mnist --algorithm fedadam --server-learning-rate 0.02
              tributary simulate --dataset mnist --server-optimiser adam:tau=0.01,beta1=0.8
            """)

    @Argument(help: "Only the algorithm or the part of this name.")
    var name: String?

    mutating func run() async throws {
        let name = name
        try await reportingFailures {
            let lines = AlgorithmList.lines(named: name)
            guard !lines.isEmpty else {
                let hint = Suggestion.sentence(for: name ?? "", in: AlgorithmList.names, orList: "there are")
                throw CommandFailure(.usage, "there is no algorithm and no part '\(name ?? "")'\(hint)")
            }
            for line in lines { Console.line(line) }
        }
    }
}

/// The list that `tributary algorithms` prints.
private enum AlgorithmList {
    static var names: [String] {
        Plan.Algorithm.allCases.map(\.rawValue)
            + [
                Catalogue.standard.selectorListings, Catalogue.standard.methodListings,
                Catalogue.standard.pacingListings, Catalogue.standard.aggregationListings,
                Catalogue.standard.personalisationListings,
                Catalogue.standard.optimiserListings, Catalogue.standard.privacyListings,
                Catalogue.standard.attackListings,
            ].joined().map(\.about.name)
    }

    /// The lines of all algorithms and parts, or of those of a name.
    static func lines(named name: String?) -> [String] {
        let algorithms = Plan.Algorithm.allCases.filter { name == nil || $0.rawValue == name }
        var lines: [String] = []
        if !algorithms.isEmpty { lines += ["Algorithms: names for a choice of parts  (algorithm: NAME)", ""] }
        for algorithm in algorithms {
            lines += heading(algorithm.about)
            if let optimiser = algorithm.optimiser { lines.append(row("sets", "strategy.optimiser: \(optimiser)")) }
            if let method = algorithm.method { lines.append(row("sets", "strategy.method: \(method)")) }
            if let pacing = algorithm.pacing { lines.append(row("sets", "strategy.pacing: \(pacing)")) }
            lines.append("")
        }
        lines += parts(
            Catalogue.standard.selectorListings, named: name, "cohort.selection",
            "Selectors: who is invited, beside uniform, poisson and all")
        lines += parts(
            Catalogue.standard.methodListings, named: name, "strategy.method",
            "Methods: what is done beside averaging where clients' data differ")
        lines += parts(
            Catalogue.standard.pacingListings, named: name, "strategy.pacing", "Pacings: when the model moves")
        lines += parts(
            Catalogue.standard.aggregationListings, named: name, "strategy.aggregation",
            "Aggregations: what makes one update of a round's")
        lines += parts(
            Catalogue.standard.optimiserListings, named: name, "strategy.optimiser",
            "Server optimisers: what makes the next model of the mean update")
        lines += parts(
            Catalogue.standard.personalisationListings, named: name, "strategy.personalisation",
            "Personalisations: how clients come to models of their own")
        lines += parts(
            Catalogue.standard.privacyListings, named: name, "privacy.mechanism",
            "Privacy: how noise hides what one client can have moved")
        lines += parts(
            Catalogue.standard.attackListings, named: name, "faults.attack",
            "Attacks: what adversaries of a simulation do")
        return lines.last == "" ? lines.dropLast() : lines
    }

    /// The lines of the parts of one kind, or of the one of a name.
    private static func parts(
        _ listings: [PartListing], named name: String?, _ field: String, _ title: String
    ) -> [String] {
        let listings = listings.filter { name == nil || $0.about.name == name }
        guard !listings.isEmpty else { return [] }
        var lines = [title, "(\(field): NAME or NAME:PARAMETER=VALUE,PARAMETER=VALUE)", ""]
        for part in listings {
            lines += heading(part.about)
            for parameter in part.parameters {
                lines.append(row("\(parameter.name)=\(parameter.defaultText)", parameter.summary))
                lines.append(row("", parameter.form))
            }
            lines.append("")
        }
        return lines
    }

    private static func heading(_ about: PartDescription) -> [String] {
        [
            "  " + about.name.padded(to: 18) + about.summary, row("paper", about.paper),
            row("goes with", about.combinations),
        ]
    }

    private static func row(_ key: String, _ text: String) -> String {
        ("      " + key.padded(to: 24) + text)
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
