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
    /// Parts of one kind, and how plans name them.
    private struct Shelf {
        var title: String
        var field: String
        var listings: [PartListing]
    }

    private static let shelves = [
        Shelf(
            title: "Aggregations: what makes one update of a round's", field: "strategy.aggregation",
            listings: Catalogue.standard.aggregationListings),
        Shelf(
            title: "Server optimisers: what makes the next model of that update", field: "strategy.optimiser",
            listings: Catalogue.standard.optimiserListings),
        Shelf(
            title: "Attacks: what adversaries of a simulation do", field: "faults.attack",
            listings: Catalogue.standard.attackListings),
    ]

    static var names: [String] {
        Plan.Algorithm.allCases.map(\.rawValue) + shelves.flatMap { $0.listings.map(\.about.name) }
    }

    /// The lines of all algorithms and parts, or of those of a name.
    static func lines(named name: String?) -> [String] {
        let algorithms = Plan.Algorithm.allCases.filter { name == nil || $0.rawValue == name }
        var lines: [String] = []
        if !algorithms.isEmpty { lines += ["Algorithms: names for a choice of parts  (algorithm: NAME)", ""] }
        for algorithm in algorithms {
            lines += heading(algorithm.about)
            if let optimiser = algorithm.optimiser { lines.append(row("sets", "strategy.optimiser: \(optimiser)")) }
            lines.append("")
        }
        for shelf in shelves {
            let listings = shelf.listings.filter { name == nil || $0.about.name == name }
            guard !listings.isEmpty else { continue }
            lines += [shelf.title, "(\(shelf.field): NAME or NAME:PARAMETER=VALUE,PARAMETER=VALUE)", ""]
            for listing in listings { lines += text(of: listing) + [""] }
        }
        return lines.last == "" ? lines.dropLast() : lines
    }

    private static func text(of listing: PartListing) -> [String] {
        heading(listing.about)
            + listing.parameters.flatMap {
                [row("\($0.name)=\($0.defaultText)", $0.summary), row("", $0.form)]
            }
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
