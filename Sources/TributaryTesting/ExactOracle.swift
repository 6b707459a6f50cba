/// A model's commit computed again by other means: whole numbers with room to spare, one coordinate after another.
public enum ExactOracle {
    /// The weights after the step, and the step's L2 norm, for updates within the bound whose weights can be summed
    /// exactly.
    public static func model(
        after base: [Float], _ updates: [(values: [Float], weight: Int)], bound: Float, learningRate: Double
    ) -> (weights: [Float], stepNorm: Double) {
        let total = updates.reduce(0) { $0 + $1.weight }
        let bits = fractionBits(bound: bound, weightLimit: total)
        var squares = 0.0
        let weights = base.indices.map { index -> Float in
            var sum = Int128(0)
            for update in updates {
                // Multiplying by a power of two is exact, so this is the one rounding.
                let scaled = Double(sign: .plus, exponent: bits, significand: Double(update.values[index]))
                let signed = update.values[index] < 0 ? -scaled.magnitude : scaled.magnitude
                sum += Int128(signed.rounded(.toNearestOrEven)) * Int128(update.weight)
            }
            let divisor = Double(sign: .plus, exponent: bits, significand: Double(total))
            let move = learningRate * (Double(sum) / divisor)
            squares += move * move
            return Float(Double(base[index]) + move)
        }
        return (weights, squares.squareRoot())
    }

    /// The number of binary digits after the point: n · |q| stays within 2^53, |q| within 2^51.
    private static func fractionBits(bound: Float, weightLimit: Int) -> Int {
        func above(_ value: Double) -> Int {
            var bits = 0
            while Double(sign: .plus, exponent: bits, significand: 1) < value { bits += 1 }
            return bits
        }
        return min(53 - above(Double(bound)) - max(above(Double(weightLimit)), 2), 149)
    }
}
