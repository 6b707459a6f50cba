import ArgumentParser
import TributaryCore

/// The flags that say how noise gets into a run.
struct MechanismFlags: ParsableArguments {
    enum Kind: String, CaseIterable, ExpressibleByArgument {
        case sampled, tree, local
    }

    static let noiseHelp = ArgumentHelp(
        "The noise's standard deviation divided by what one client can move: the clipping bound of a sum, twice that of "
            + "an update with noise of its own.", valueName: "z")
    static let roundsHelp = ArgumentHelp("Rounds; with --mechanism local, reports of one client.", valueName: "count")
    static let epsilonHelp = ArgumentHelp("The ε to stay within.", valueName: "ε")
    static let deltaHelp = ArgumentHelp("δ; well below 1 / the number of clients.", valueName: "δ")

    @Option(
        help: ArgumentHelp(
            "sampled (the default): a random sample of the clients in each round, noise on their sum. tree: DP-FTRL, no "
                + "sampling. local: every client adds noise itself, no sampling.", valueName: "kind"))
    var mechanism = Kind.sampled
    @Option(help: ArgumentHelp("The probability with which a client is in a round.", valueName: "q"))
    var rate: Double?
    @Option(help: ArgumentHelp("Instead of --rate: the expected clients of a round …", valueName: "m"))
    var cohort: Int?
    @Option(help: ArgumentHelp("… and the clients that could be in it.", valueName: "N"))
    var population: Int?
    @Option(help: ArgumentHelp("With tree: the rounds of one tree (default: all).", valueName: "count"))
    var treeRounds: Int?
    @Option(
        help: ArgumentHelp("With tree: how often one client is in one tree, at most (default: 1).", valueName: "count"))
    var participations: Int?

    /// The mechanism, if the flags make one.
    func makeMechanism() throws -> PrivacyMechanism {
        if let population, population < 1 {
            throw CommandFailure(.usage, "--population is \(population); it must be 1 or more")
        }
        if mechanism != .tree, treeRounds != nil || participations != nil {
            let name = treeRounds == nil ? "--participations" : "--tree-rounds"
            throw CommandFailure(.usage, "\(name) goes with --mechanism tree; leave it out or say --mechanism tree")
        }
        if mechanism != .sampled, rate != nil || cohort != nil {
            throw CommandFailure(
                .usage,
                "--mechanism \(mechanism.rawValue) counts no sampling; leave out \(rate == nil ? "--cohort" : "--rate")"
            )
        }
        switch mechanism {
        case .sampled: return .sampled(rate: try samplingRate())
        case .local: return .local
        case .tree: return .tree(treeRounds: treeRounds, participations: participations ?? 1)
        }
    }

    private func samplingRate() throws -> Double {
        switch (rate, cohort, population) {
        case (let rate?, nil, _):
            guard rate > 0, rate <= 1 else {
                throw CommandFailure(.usage, "--rate is \(rate); it must be above 0 and at most 1")
            }
            return rate
        case (nil, let cohort?, let population?):
            guard cohort >= 1, cohort <= population else {
                throw CommandFailure(
                    .usage, "--cohort is \(cohort); it must be from 1 to the \(population) clients there are")
            }
            return Double(cohort) / Double(population)
        case (_?, _?, _):
            throw CommandFailure(.usage, "--rate and --cohort both say who is in a round; give one of them")
        case (nil, _?, nil):
            throw CommandFailure(
                .usage, "--cohort says how many are in a round, but not out of how many; add --population")
        case (nil, nil, _):
            throw CommandFailure(.usage, "who is in a round is not said; give --rate, or --cohort and --population")
        }
    }

    /// Makes sure that a number of rounds is one.
    static func check(rounds: Int) throws {
        guard rounds >= 1, rounds <= PrivacyBudget.stepLimit else {
            throw CommandFailure(.usage, "--rounds is \(rounds); it must be from 1 to 2^40")
        }
    }

    /// A budget, if it makes sense.
    static func budget(epsilon: Double, delta: Double) throws -> PrivacyBudget {
        try PrivacyBudget(epsilon: epsilon, delta: delta)
    }
}
