import Foundation
import TributaryCore

/// What a mechanism costs, to be printed.
struct PrivacyFigures: Encodable {
    private var mechanism: String
    private var samplingRate: Double?
    private var noiseMultiplier: Double
    private var rounds: Int
    private var delta: Double
    private var epsilon: Double
    private var order: Double
    private var epsilonClassic: Double
    private var epsilonExact: Double?
    private var trees: Int?
    private var notes: [String] = []
    /// The ε that was asked to stay within.
    var budgetEpsilon: Double?

    /// The figures of `spending`. `flags` say how many clients there are.
    init(of spending: PrivacyMechanism.Spending, delta: Double, flags: MechanismFlags) throws {
        guard delta > 0, delta < 1 else {
            throw CommandFailure(.usage, "--delta is \(delta); it must be between 0 and 1")
        }
        var accountant = RenyiAccountant()
        accountant.add(spending.step, count: spending.stepCount)
        let tight = accountant.guarantee(delta: delta)
        (mechanism, noiseMultiplier, rounds) = (flags.mechanism.rawValue, spending.noiseMultiplier, spending.rounds)
        (self.delta, epsilon, order) = (delta, tight.epsilon, tight.order)
        epsilonClassic = accountant.guarantee(delta: delta, by: .classic).epsilon
        if spending.step.samplingRate == 1 {
            epsilonExact = Self.exactEpsilon(of: spending, delta: delta)
        }
        switch spending.mechanism {
        case .sampled(let rate): samplingRate = rate
        case .tree: trees = spending.stepCount
        case .local: break
        }
        addNotes(on: spending, population: flags.population)
    }

    /// Gaussian steps without sampling are together one Gaussian step, whose ε is known exactly.
    private static func exactEpsilon(of spending: PrivacyMechanism.Spending, delta: Double) -> Double {
        guard spending.stepCount > 0 else { return 0 }
        let sigma = spending.step.noiseMultiplier / Double(spending.stepCount).squareRoot()
        return sigma > 0 ? ExactGaussian.epsilon(delta: delta, noiseMultiplier: sigma) : .infinity
    }

    private mutating func addNotes(on spending: PrivacyMechanism.Spending, population: Int?) {
        switch spending.mechanism {
        case .sampled(let rate) where rate < 1:
            notes.append(
                "this holds if the server draws clients independently with that probability (Poisson sampling) and divides "
                    + "by the fixed expected number; not if clients choose when to come")
        case .sampled: break
        case .tree(_, let participations):
            notes.append(
                "this holds if no client is in one tree more than \(participations == 1 ? "once" : "\(participations) times")"
            )
        case .local: notes.append("this is what one client's own reports cost it; the server need not be trusted")
        }
        if rounds == 0 { notes.append("not even one round fits; use more noise, or allow a larger ε") }
        if rounds > PrivacyBudget.stepLimit / 2 { notes.append("there is no end to the rounds that fit") }
        if epsilon == .infinity { notes.append("nothing is protected") }
        if let population, delta * Double(population) >= 1 {
            notes.append(
                "δ is not below 1 / \(population) clients: publishing one of them, drawn at random, would satisfy it")
        }
    }

    /// One line of JSON.
    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            encoder.nonConformingFloatEncodingStrategy = .convertToString(
                positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
            return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
        }
    }

    /// A table and notes.
    var text: String {
        var rows = [["mechanism", mechanism]]
        if let samplingRate { rows.append(["sampling rate", Self.figure(samplingRate)]) }
        rows.append(["noise multiplier", Self.figure(noiseMultiplier)])
        rows.append(["rounds", "\(rounds)" + (trees.map { $0 == 1 ? " in one tree" : " in \($0) trees" } ?? "")])
        let within = budgetEpsilon.map { ", within \(Self.figure($0))" } ?? ""
        rows.append(["ε", "\(Self.figure(epsilon)) at δ = \(delta)\(within)  (Rényi order \(Self.figure(order)))"])
        if let epsilonExact { rows.append(["", "\(Self.figure(epsilonExact)) exactly"]) }
        rows.append(["", "\(Self.figure(epsilonClassic)) by the classic conversion, as older papers count"])
        return TextTable([], rows).text + notes.map { "note: \($0)\n" }.joined()
    }

    private static func figure(_ value: Double) -> String {
        value.isInfinite ? "∞" : String(format: "%.6g", value)
    }
}
