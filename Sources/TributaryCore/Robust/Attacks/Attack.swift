internal import Foundation
public import TributaryMath

/// What an adversary sends instead of an honest update.
///
/// Attacks are functions of what the adversary has: his own update, a stream of random numbers, and for some what he
/// knows of the honest updates. They are for simulations of the rules that are to stand them.
public enum Attack: Hashable, Sendable {
    /// −scale · his own update.
    case signFlip(scale: Double)
    /// factor · his own update: with the factor n it replaces the model in a mean of n (Bagdasaryan, Veit, Hua, Estrin,
    /// Shmatikov 2020, How To Backdoor Federated Learning).
    case scaling(factor: Double)
    /// Normal deviates of mean zero around his own update.
    case gaussian(deviation: Double)
    /// The honest mean less z standard deviations of each coordinate: small enough to pass as honest (Baruch, Baruch,
    /// Goldberg 2019, A Little Is Enough). ``littleIsEnoughDeviations(contributions:adversaries:)`` is their z.
    case littleIsEnough(deviations: Double)
    /// −scale · the honest mean: with a small scale the aggregate points away from the honest direction although it is
    /// close (Xie, Koyejo, Gupta 2020, Fall of Empires).
    case innerProduct(scale: Double)

    /// Whether the attack is made from the honest updates' statistics.
    public var needsHonestStatistics: Bool {
        switch self {
        case .signFlip, .scaling, .gaussian: false
        case .littleIsEnough, .innerProduct: true
        }
    }

    /// Replaces an honest update by the adversary's.
    ///
    /// `honest` may be nil only for attacks that do not need it. Adversaries who conspire pass the same statistics and
    /// send the same update, except with `gaussian`, which draws a number from `stream` for every coordinate.
    public func replace(_ update: inout [Float], honest: HonestStatistics?, stream: inout RandomStream) {
        precondition(honest != nil || !needsHonestStatistics, "an attack that needs what the honest updates are like")
        precondition(honest.map { $0.mean.count == update.count } ?? true, "statistics of another length")
        for index in update.indices {
            let own = Double(update[index])
            let mean = honest?.mean[index] ?? 0
            let forged =
                switch self {
                case .signFlip(let scale): -scale * own
                case .scaling(let factor): factor * own
                case .gaussian(let deviation): stream.normal(mean: own, deviation: deviation)
                case .littleIsEnough(let deviations): mean - deviations * (honest?.deviation(index) ?? 0)
                case .innerProduct(let scale): -scale * mean
                }
            update[index] = Float(forged)
        }
    }
}

extension Attack {
    /// The z of "a little is enough": the most standard deviations at which enough honest updates are likely to lie
    /// farther out than the adversaries', so that these together are a majority.
    ///
    /// Φ⁻¹((n − f − s) / (n − f)) with s = ⌊n/2 + 1⌋ − f, the honest updates that the f adversaries lack for a
    /// majority. There must be fewer adversaries than make a majority by themselves, and at least one honest update
    /// more than s.
    public static func littleIsEnoughDeviations(contributions: Int, adversaries: Int) -> Double {
        let lacking = contributions / 2 + 1 - adversaries
        let honest = contributions - adversaries
        precondition(adversaries >= 0 && lacking >= 1 && lacking < honest, "fewer adversaries than a majority")
        return normalQuantile(Double(honest - lacking) / Double(honest))
    }

    /// Φ⁻¹(p), by bisection.
    private static func normalQuantile(_ probability: Double) -> Double {
        var (low, high) = (-40.0, 40.0)
        while true {
            let middle = (low + high) / 2
            guard middle > low, middle < high else { return middle }
            if erfc(-middle / 2.0.squareRoot()) / 2 < probability {
                low = middle
            } else {
                high = middle
            }
        }
    }
}
