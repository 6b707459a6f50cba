/// What the three adaptive optimisers of Reddi et al. 2021, *Adaptive Federated Optimization*, have in common:
///
/// m ← β₁ m + (1 − β₁) Δ,  v ← as each has it,  x ← x + η m / (√v + τ)
///
/// τ is added outside the root. A first moment with β₁ = 0 is Δ itself and is not kept.
struct AdaptiveStep {
    let beta1: Double
    let tau: Double
    /// What m and v are divided by before the step.
    var (firstScale, secondScale) = (1.0, 1.0)
    var rate: Double

    init(beta1: Double, tau: Double, rate: Double) {
        (self.beta1, self.tau, self.rate) = (beta1, tau, rate)
    }

    static let paper = "Reddi et al. 2021, Adaptive Federated Optimization"
    static let combinations =
        "any other parts; tune server.learning-rate and tau together, as a step's length is about η rather than |Δ|"

    static func form(_ name: String, beta1: Double, v0: Double) -> OptimiserStateForm {
        let second = OptimiserStateForm.Vector("second-moment", initial: Float(v0))
        return OptimiserStateForm(
            name: name, vectors: beta1 == 0 ? [second] : [OptimiserStateForm.Vector("first-moment"), second])
    }

    /// Takes the step; `secondMoment` makes the new v of the old one and Δ².
    @inline(__always)
    func replace(
        _ update: inout MutableSpan<Double>, state: inout MutableSpan<Float>,
        secondMoment: (_ old: Double, _ square: Double) -> Double
    ) {
        let count = update.count
        let second = beta1 == 0 ? 0 : count
        let rest = 1 - beta1
        for index in 0..<count {
            let delta = update[index]
            var first = delta
            if beta1 != 0 {
                first = beta1 * Double(state[index]) + rest * delta
                state[index] = Float(first)
            }
            let moment = secondMoment(Double(state[second + index]), delta * delta)
            state[second + index] = Float(moment)
            update[index] = rate * (first / firstScale) / ((moment / secondScale).squareRoot() + tau)
        }
    }
}

/// Parameters that adaptive optimisers share.
enum AdaptiveParameters {
    static func beta1<Part>(_ keyPath: any WritableKeyPath<Part, Double> & Sendable) -> PartParameter<Part> {
        PartParameter(
            "beta1", keyPath, "β₁: what is left of the first moment.",
            must: "a number from 0 up to, but not including, 1"
        ) { $0 >= 0 && $0 < 1 }
    }

    static func beta2<Part>(_ keyPath: any WritableKeyPath<Part, Double> & Sendable) -> PartParameter<Part> {
        PartParameter(
            "beta2", keyPath, "β₂: what is left of the second moment.",
            must: "a number from 0 up to, but not including, 1"
        ) { $0 >= 0 && $0 < 1 }
    }

    static func tau<Part>(_ keyPath: any WritableKeyPath<Part, Double> & Sendable) -> PartParameter<Part> {
        PartParameter(
            "tau", keyPath, "τ: added to the root of the second moment; the larger, the less adaptive.",
            must: "a number from 1e-12 to 1e12"
        ) { $0 >= 1e-12 && $0 <= 1e12 }
    }

    static func v0<Part>(_ keyPath: any WritableKeyPath<Part, Double> & Sendable) -> PartParameter<Part> {
        PartParameter(
            "v0", keyPath, "What the second moment starts from: 0 as in the published experiments, or τ².",
            must: "a number from 0 to 1e24"
        ) { $0 >= 0 && $0 <= 1e24 }
    }

    static func correction<Part>(
        _ keyPath: any WritableKeyPath<Part, BiasCorrection> & Sendable
    ) -> PartParameter<Part> {
        PartParameter(
            "bias-correction", keyPath,
            "For moments that start from zero: none as published, moments divides m by 1 − β₁^t and v by 1 − β₂^t, "
                + "rate multiplies η by √(1 − β₂^t) / (1 − β₁^t).")
    }
}

/// What makes up for moments that start from zero.
public enum BiasCorrection: String, CaseIterable, Hashable, Sendable {
    /// Nothing, as published.
    case none
    /// m is divided by 1 − β₁^t and v by 1 − β₂^t.
    case moments
    /// η is multiplied by √(1 − β₂^t) / (1 − β₁^t), which differs from `moments` in the weight of τ.
    case rate
}

extension AdaptiveStep {
    mutating func correct(_ correction: BiasCorrection, beta2: Double, at context: StepContext) {
        let (first, second) = (1 - context.power(of: beta1), 1 - context.power(of: beta2))
        switch correction {
        case .none: break
        case .moments: (firstScale, secondScale) = (first, second)
        case .rate: rate = rate * second.squareRoot() / first
        }
    }

    static func check(_ correction: BiasCorrection, v0: Double) throws(PlanError) {
        guard correction == .none || v0 == 0 else {
            throw PlanError("bias-correction is for moments that start from zero, and v0 is not; give one of them")
        }
    }
}
