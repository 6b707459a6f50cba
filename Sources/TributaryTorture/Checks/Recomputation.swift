import TributaryCore

/// The mean update of a round, made again from what was recorded, by other means than the product's: whole numbers of 128
/// bits, added one by one.
///
/// Σ n_k q_k / (Σ n_k · 2^s), q = rint(x · 2^s), with the finest s at which no sum of the round can leave the whole numbers
/// that Float64 holds exactly.
enum Recomputation {
    /// One contribution.
    struct Term {
        var weight: Int
        var values: [Float]
    }

    /// The mean of updates of `count` numbers; nil if what was recorded cannot be summed exactly, which must never have been
    /// recorded.
    static func mean(of terms: [Term], count: Int, bound: Float) -> [Double]? {
        let total = terms.reduce(0 as Int128) { $0 + Int128($1.weight) }
        guard total > 0, let bits = fractionBits(bound: bound, totalWeight: total) else { return nil }
        let scale = power(bits)
        var mean = [Double](repeating: 0, count: count)
        for index in mean.indices {
            var sum: Int128 = 0
            for term in terms {
                // A Float32 times a power of two is exact in Float64.
                let scaled = (Double(term.values[index]) * scale).rounded(.toNearestOrEven)
                guard scaled.isFinite, term.values[index].magnitude <= bound else { return nil }
                sum += Int128(term.weight) * Int128(scaled)
            }
            guard sum.magnitude <= 1 << 53 else { return nil }
            mean[index] = Double(sum) / (Double(total) * scale)
        }
        return mean
    }

    /// s: with it, neither Σ n·|q| exceeds 2^53 nor |q| 2^51.
    private static func fractionBits(bound: Float, totalWeight: Int128) -> Int? {
        var boundBits = -200
        while power(boundBits) < Double(bound) { boundBits += 1 }
        var weightBits = 0
        while (1 as Int128) << Int128(weightBits) < totalWeight { weightBits += 1 }
        let bits = min(53 - boundBits - max(weightBits, 2), 149)
        return bits >= -126 ? bits : nil
    }

    private static func power(_ exponent: Int) -> Double {
        Double(sign: .plus, exponent: exponent, significand: 1)
    }
}
