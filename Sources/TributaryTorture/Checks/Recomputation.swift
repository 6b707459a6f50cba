import TributaryCore

/// The model after a round, made again from what was recorded, by other means than the product's: whole numbers of 128
/// bits, added one by one.
///
/// x ← x + η_g Σ n_k q_k / (Σ n_k · 2^s), q = rint(x · 2^s), with the finest s at which no sum of the round can leave the
/// whole numbers that Float64 holds exactly.
enum Recomputation {
    /// One contribution.
    struct Term {
        var weight: Int
        var values: [Float]
        /// What follows the update in its bytes; empty without a method that sends more.
        var message: [Float] = []
    }

    /// The server's step, as its paper writes it.
    struct Optimiser {
        let algorithm: Plan.Algorithm
        let rate: Double

        /// The algorithm with its own parameters; its own rate where the plan says none.
        init(_ algorithm: Plan.Algorithm, rate: Double?) {
            self.algorithm = algorithm
            switch algorithm {
            case .fedAvg, .fedSGD, .fedAvgM, .fedProx, .fedBuff, .fedAsync: self.rate = rate ?? 1
            case .fedNova, .scaffold, .fedDyn, .qFedAvg, .qFedSGD, .agnostic: self.rate = Self.onlySimulated
            case .fedAdagrad: self.rate = rate ?? 0.1
            case .fedAdam, .fedYogi: self.rate = rate ?? 0.01
            }
        }

        /// Of algorithms that no server runs: a step of theirs agrees with nothing.
        private static let onlySimulated = Double.nan

        /// Vectors that are kept.
        var vectorCount: Int {
            switch algorithm {
            case .fedAvg, .fedSGD, .fedProx, .fedNova, .scaffold, .fedDyn, .qFedAvg, .qFedSGD, .agnostic, .fedBuff,
                .fedAsync:
                0
            case .fedAvgM, .fedAdagrad: 1
            case .fedAdam, .fedYogi: 2
            }
        }

        /// The move along one coordinate's mean update, and what is kept of it: β = 0.9 (momentum and first moment), β₂ = 0.99,
        /// τ = 10⁻³.
        func move(_ delta: Double, _ kept: [Float]) -> (move: Double, kept: [Float]) {
            let kept = kept.map(Double.init)
            let (square, rest) = (delta * delta, 1 - 0.99)
            switch algorithm {
            case .fedAvg, .fedSGD, .fedProx, .fedNova, .scaffold, .fedDyn, .qFedAvg, .qFedSGD, .agnostic, .fedBuff,
                .fedAsync:
                return (rate * delta, [])
            case .fedAvgM:
                let momentum = 0.9 * kept[0] + delta
                return (rate * momentum, [Float(momentum)])
            case .fedAdagrad:
                let second = kept[0] + square
                return (rate * delta / (second.squareRoot() + 1e-3), [Float(second)])
            case .fedAdam, .fedYogi:
                let first = 0.9 * kept[0] + (1 - 0.9) * delta
                let sign = kept[1] > square ? 1.0 : kept[1] < square ? -1.0 : 0.0
                let second =
                    algorithm == .fedAdam ? 0.99 * kept[1] + rest * square : kept[1] - rest * square * sign
                return (rate * first / (second.squareRoot() + 1e-3), [Float(first), Float(second)])
            }
        }
    }

    /// The next model's numbers and what the optimiser keeps; nil if what was recorded cannot be summed exactly, which must
    /// never have been recorded. `state` is empty before the first step.
    ///
    /// - Parameters:
    ///   - released: what takes the place of the mean in a private round, or where a rule makes it.
    ///   - remembersMean: whether the mean is kept, too, behind what the optimiser keeps.
    ///   - method: the run's, which has begun its step.
    static func step(
        from base: [Float], _ state: [[Float]], _ terms: [Term], meanFactor: Double, bound: Float,
        _ optimiser: Optimiser, mean released: [Double]? = nil, remembersMean: Bool = false, method: inout Method
    ) -> (model: [Float], state: [[Float]])? {
        let total = terms.reduce(0 as Int128) { $0 + Int128($1.weight) }
        let messageMean = mean(ofMessages: terms, method)
        guard total > 0, let bits = fractionBits(bound: bound, totalWeight: total) else { return nil }
        let scale = power(bits)
        let zeros = [[Float]](
            repeating: [Float](repeating: 0, count: base.count), count: optimiser.vectorCount + (remembersMean ? 1 : 0))
        var (model, state) = (base, state.isEmpty ? zeros : state)
        for index in base.indices {
            guard let sum = sum(terms, index, bound: bound, scale: scale) else { return nil }
            let mean = released?[index] ?? Double(sum) / (Double(total) * scale) * meanFactor
            let (move, kept) = optimiser.move(
                method.correct(mean, message: messageMean(index), at: index), state.map { $0[index] })
            model[index] = Float(Double(base[index]) + move)
            for place in kept.indices { state[place][index] = kept[place] }
            if remembersMean { state[kept.count][index] = Float(mean) }
        }
        return (model, state)
    }

    /// By coordinate, the mean of the messages, each counting alike; 0 where there are none.
    private static func mean(ofMessages terms: [Term], _ method: Method) -> (Int) -> Double {
        let messages = terms.map { Term(weight: 1, values: $0.message) }
        guard let bound = method.messageBound,
            let bits = fractionBits(bound: bound, totalWeight: Int128(messages.count))
        else { return { _ in 0 } }
        let scale = power(bits)
        return { index in
            // Beyond its bound nothing must have been accepted: it agrees with nothing.
            guard let sum = sum(messages, index, bound: bound, scale: scale) else { return .nan }
            return Double(sum) / (Double(messages.count) * scale)
        }
    }

    private static func sum(_ terms: [Term], _ index: Int, bound: Float, scale: Double) -> Int128? {
        var sum: Int128 = 0
        for term in terms {
            // A Float32 times a power of two is exact in Float64.
            let scaled = (Double(term.values[index]) * scale).rounded(.toNearestOrEven)
            guard scaled.isFinite, term.values[index].magnitude <= bound else { return nil }
            sum += Int128(term.weight) * Int128(scaled)
        }
        return sum.magnitude <= 1 << 53 ? sum : nil
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
