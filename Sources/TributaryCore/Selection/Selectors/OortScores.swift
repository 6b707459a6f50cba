import Foundation

/// How Oort scores clients (Lai et al. 2021, sections 4.2 and 4.3).
package struct OortScores {
    /// What is known of one client.
    package struct Client: Hashable, Sendable {
        /// U_k when it last contributed.
        package var utility: Double
        /// L_k: the round that it was last invited to.
        package var lastRound: Int
        /// t_k: how long it takes.
        package var seconds: Double

        package init(utility: Double, lastRound: Int, seconds: Double) {
            (self.utility, self.lastRound, self.seconds) = (utility, lastRound, seconds)
        }
    }

    /// The percentile that utilities are clipped at.
    private let clip: Double
    /// T: the duration that is preferred, in seconds.
    private let preferred: Double
    /// a.
    private let penalty: Double

    package init(clip: Double, preferred: Double, penalty: Double) {
        (self.clip, self.preferred, self.penalty) = (clip, preferred, penalty)
    }

    /// U_k = n √(Σ loss² / n).
    package static func utility(losses: [Double]) -> Double {
        let squares = losses.reduce(0) { $0 + $1 * $1 }
        return utility(
            exampleCount: losses.count, rootMeanSquareLoss: (squares / Double(max(losses.count, 1))).squareRoot())
    }

    /// U_k of n examples with that root of their mean squared loss. Finite, whatever has become of the model.
    package static func utility(exampleCount: Int, rootMeanSquareLoss: Double) -> Double {
        let utility = Double(exampleCount) * rootMeanSquareLoss
        return utility < 1e30 ? max(utility, 0) : 1e30
    }

    /// ((U_k − min) / (max − min) + √(0.1 ln t / L_k)) · (T / t_k)^a, the last factor only where t_k > T. Utilities are clipped
    /// before they are put on this scale, and those of one size are 0 on it.
    package func scores(of clients: [Client], in round: Int) -> [Double] {
        let most = Self.percentile(clip, of: clients.map(\.utility))
        let clipped = clients.map { min($0.utility, most) }
        let (low, high) = (clipped.min() ?? 0, clipped.max() ?? 0)
        return zip(clients, clipped).map { client, utility in
            var score = high > low ? (utility - low) / (high - low) : 0
            score += (0.1 * log(Double(max(round, 1))) / Double(max(client.lastRound, 1))).squareRoot()
            if client.seconds > preferred { score *= pow(preferred / client.seconds, penalty) }
            return score
        }
    }

    /// The least score that is admitted where there are so many places: 95 % of the cut-off.
    package static func admission(_ scores: [Double], places: Int) -> Double {
        guard places > 0, places <= scores.count else { return 0 }
        return 0.95 * scores.sorted(by: >)[places - 1]
    }

    /// The nearest-rank percentile; 0 of nothing.
    package static func percentile(_ percent: Double, of values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        let rank = Int((percent / 100 * Double(values.count)).rounded(.up))
        return values.sorted()[min(max(rank, 1), values.count) - 1]
    }
}

/// Decides how long clients may take: when what rounds gather no longer changes, slower ones get their chance.
package struct OortPacer: Hashable, Sendable {
    /// The percentile of durations that is preferred.
    package var percentile: Double
    /// The utility gathered in this window so far.
    package var gathered = 0.0
    /// That of the window before; −1 if there was none.
    package var before = -1.0

    /// A pacer before the first round.
    package init(percentile: Double) { self.percentile = percentile }

    /// A pacer as its figures say.
    package init(_ figures: [Double]) {
        precondition(figures.count == 3, "a pacer has three figures")
        (percentile, gathered, before) = (figures[0], figures[1], figures[2])
    }

    /// What is kept of it.
    package var figures: [Double] { [percentile, gathered, before] }

    private static let step = 5.0

    /// At the end of a window: within 10 % of the one before, 5 points up; changed by more than five times, 5 down.
    package mutating func roundEnded(_ round: RoundNumber, window: Int) {
        guard round.rawValue % window == 0 else { return }
        if before >= 0 {
            let change = abs(gathered - before)
            if change <= 0.1 * before {
                percentile = min(100, percentile + Self.step)
            } else if change > 5 * before {
                percentile = max(Self.step, percentile - Self.step)
            }
        }
        (before, gathered) = (gathered, 0)
    }
}
