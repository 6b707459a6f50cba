/// What may be spent in all: (ε, δ).
public struct PrivacyBudget: Hashable, Sendable {
    /// The largest ε.
    public let epsilon: Double
    /// δ at which ε is counted; well below 1 / the number of clients.
    public let delta: Double

    /// A budget with ε > 0, finite, and δ in (0, 1).
    public init(epsilon: Double, delta: Double) throws(PrivacyError) {
        guard epsilon > 0, epsilon.isFinite else {
            throw .value("budget ε", epsilon, must: "above 0, and finite")
        }
        guard delta > 0, delta < 1 else {
            throw .value("budget's δ", delta, must: "between 0 and 1, and well below 1 / the number of clients")
        }
        self.epsilon = epsilon
        self.delta = delta
    }

    /// Whether what the accountant added up is within the budget.
    public func covers(_ accountant: RenyiAccountant) -> Bool {
        accountant.guarantee(delta: delta).epsilon <= epsilon
    }
}

extension PrivacyBudget: Codable {
    private enum CodingKeys: String, CodingKey {
        case epsilon, delta
    }

    /// Reads a budget; one with parameters out of range is an error.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            epsilon: values.decode(Double.self, forKey: .epsilon), delta: values.decode(Double.self, forKey: .delta))
    }
}

extension PrivacyBudget {
    /// More steps than any run takes; counts of steps end here.
    public static let stepLimit = 1 << 40

    /// How many steps of one kind the budget covers, at most `stepLimit`.
    public func stepCount(of step: SampledGaussian, orders: [Double] = RenyiAccountant.defaultOrders) -> Int {
        let curve = orders.map(step.renyiDivergence)
        return Bisection.greatest(in: 0...Self.stepLimit) { count in
            var accountant = RenyiAccountant(orders: orders)
            accountant.add(curve, count: count)
            return covers(accountant)
        }
    }

    /// The least noise multiplier with which `count` steps are covered; nil if none up to 10⁶ will do.
    ///
    /// The answer is covered itself, and at most 10⁻⁷ of itself above one that is not. `makeStep` makes the
    /// step from a noise multiplier; with more noise it may not cost more.
    public func noiseMultiplier(
        for count: Int, orders: [Double] = RenyiAccountant.defaultOrders,
        step makeStep: (Double) throws(PrivacyError) -> SampledGaussian
    ) throws(PrivacyError) -> Double? {
        let limits = (lower: 1e-3, upper: 1e6)
        func isCovered(_ sigma: Double) throws(PrivacyError) -> Bool {
            var accountant = RenyiAccountant(orders: orders)
            accountant.add(try makeStep(sigma), count: count)
            return covers(accountant)
        }
        if try isCovered(limits.lower) { return limits.lower }
        // Doubling first: no order of magnitude is likelier than another.
        var fails = limits.lower
        var holds = 2 * fails
        while try !isCovered(holds) {
            guard holds < limits.upper else { return nil }
            (fails, holds) = (holds, 2 * holds)
        }
        return try Bisection.least(from: fails, to: holds, tolerance: 1e-7, where: isCovered)
    }
}
