import Foundation

/// How a learning rate, the clients' or the server's, changes from round to round, as a factor of the plan's rate.
public enum LearningRateSchedule: Hashable, Sendable {
    /// The same in every round.
    case constant
    /// Multiplied by `factor` after every `interval` rounds.
    case step(interval: Int, factor: Double)
    /// Multiplied by `factor` after every round.
    case exponential(factor: Double)
    /// Half a cosine from 1 down towards `floor`, which it would reach one round after the plan's last (Loshchilov and Hutter 2017, without restarts).
    case cosine(floor: Double)
    /// Grows evenly to 1 over the first `rounds` rounds, then stays.
    case warmup(rounds: Int)

    /// Whether the factors depend on the number of rounds that are planned.
    public var isCosine: Bool { if case .cosine = self { true } else { false } }

    /// The factor for a round of a plan of `planned` rounds. Rounds count from 1.
    public func factor(round: RoundNumber, planned: Int) -> Double {
        let ended = Double(round.rawValue - 1)
        switch self {
        case .constant:
            return 1
        case .step(let interval, let factor):
            return pow(factor, Double((round.rawValue - 1) / interval))
        case .exponential(let factor):
            return pow(factor, ended)
        case .cosine(let floor):
            // The floor lies one round after the last: at a floor of 0 the last round would train for nothing.
            let progress = min(ended / Double(max(planned, 1)), 1)
            return floor + (1 - floor) * 0.5 * (1 + cos(.pi * progress))
        case .warmup(let rounds):
            return min(Double(round.rawValue) / Double(rounds), 1)
        }
    }
}
