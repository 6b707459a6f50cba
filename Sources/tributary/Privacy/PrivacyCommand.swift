import ArgumentParser
import Foundation

/// `tributary privacy`
struct PrivacyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "privacy",
        abstract: "Say what noise costs and buys: client-level differential privacy of a run.",
        discussion: """
            Examples:
              tributary privacy epsilon --cohort 100 --population 10000 --noise-multiplier 1 --rounds 1000 --delta 1e-5
              tributary privacy noise --rate 0.01 --rounds 1000 --epsilon 2 --delta 1e-5
              tributary privacy rounds --rate 0.01 --noise-multiplier 1 --epsilon 2 --delta 1e-5
              tributary privacy epsilon --mechanism tree --rounds 1600 --noise-multiplier 8.83 --delta 1e-6

            ε and δ bound how well anybody who sees the released models can tell whether one client took part at all,
            whatever that client's data is. docs/privacy.md says what has to hold for that.
            """,
        subcommands: [PrivacyEpsilon.self, PrivacyNoise.self, PrivacyRounds.self])
}

/// `tributary privacy epsilon`
struct PrivacyEpsilon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "epsilon", abstract: "ε of a number of rounds with a given noise.")

    @OptionGroup(title: "Mechanism") var flags: MechanismFlags
    @Option(help: MechanismFlags.noiseHelp) var noiseMultiplier: Double
    @Option(help: MechanismFlags.roundsHelp) var rounds: Int
    @Option(help: MechanismFlags.deltaHelp) var delta: Double
    @Flag(help: "Print one JSON object.") var json = false

    mutating func run() async throws {
        let command = self
        try await reportingFailures {
            let mechanism = try command.flags.makeMechanism()
            try MechanismFlags.check(rounds: command.rounds)
            let spending = try mechanism.spending(noiseMultiplier: command.noiseMultiplier, rounds: command.rounds)
            let figures = try PrivacyFigures(of: spending, delta: command.delta, flags: command.flags)
            Console.text(command.json ? try figures.json : figures.text)
        }
    }
}

/// `tributary privacy noise`
struct PrivacyNoise: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "noise", abstract: "The least noise multiplier that keeps a number of rounds within ε.")

    @OptionGroup(title: "Mechanism") var flags: MechanismFlags
    @Option(help: MechanismFlags.roundsHelp) var rounds: Int
    @Option(help: MechanismFlags.epsilonHelp) var epsilon: Double
    @Option(help: MechanismFlags.deltaHelp) var delta: Double
    @Flag(help: "Print one JSON object.") var json = false

    mutating func run() async throws {
        let command = self
        try await reportingFailures {
            let mechanism = try command.flags.makeMechanism()
            let budget = try MechanismFlags.budget(epsilon: command.epsilon, delta: command.delta)
            try MechanismFlags.check(rounds: command.rounds)
            guard let least = try mechanism.noiseMultiplier(for: budget, rounds: command.rounds) else {
                throw CommandFailure(
                    .usage,
                    "no noise multiplier up to a million keeps \(command.rounds) rounds within ε = \(command.epsilon); "
                        + "allow a larger --epsilon or fewer --rounds")
            }
            // What is printed is what was counted with: rounded up, to a number that can be typed.
            let multiplier = roundedUp(least)
            let spending = try mechanism.spending(noiseMultiplier: multiplier, rounds: command.rounds)
            var figures = try PrivacyFigures(of: spending, delta: command.delta, flags: command.flags)
            figures.budgetEpsilon = command.epsilon
            Console.text(command.json ? try figures.json : figures.text)
        }
    }
}

/// The least number of six digits that is not below `value`.
private func roundedUp(_ value: Double) -> Double {
    let scale = pow(10, 5 - floor(log10(value)))
    return (value * scale).rounded(.up) / scale
}

/// `tributary privacy rounds`
struct PrivacyRounds: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rounds", abstract: "How many rounds with a given noise fit within ε.")

    @OptionGroup(title: "Mechanism") var flags: MechanismFlags
    @Option(help: MechanismFlags.noiseHelp) var noiseMultiplier: Double
    @Option(help: MechanismFlags.epsilonHelp) var epsilon: Double
    @Option(help: MechanismFlags.deltaHelp) var delta: Double
    @Flag(help: "Print one JSON object.") var json = false

    mutating func run() async throws {
        let command = self
        try await reportingFailures {
            let mechanism = try command.flags.makeMechanism()
            let budget = try MechanismFlags.budget(epsilon: command.epsilon, delta: command.delta)
            let rounds = try mechanism.rounds(within: budget, noiseMultiplier: command.noiseMultiplier)
            let spending = try mechanism.spending(noiseMultiplier: command.noiseMultiplier, rounds: rounds)
            var figures = try PrivacyFigures(of: spending, delta: command.delta, flags: command.flags)
            figures.budgetEpsilon = command.epsilon
            Console.text(command.json ? try figures.json : figures.text)
        }
    }
}
