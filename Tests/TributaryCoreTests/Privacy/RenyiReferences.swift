/// Published and computed figures that the accountant has to meet to the last printed digit.
enum RenyiReferences {
    /// A run and its ε, with the order that gives it.
    struct Row: Sendable {
        var rate, sigma: Double
        var steps: Int
        var delta: Double
        var tight: (epsilon: Double, order: Double)
        var classic: (epsilon: Double, order: Double)?

        init(
            _ rate: Double, _ sigma: Double, _ steps: Int, _ delta: Double, tight: (Double, Double),
            classic: (Double, Double)? = nil
        ) {
            (self.rate, self.sigma, self.steps, self.delta) = (rate, sigma, steps, delta)
            (self.tight, self.classic) = (tight, classic)
        }
    }

    static let wholeOrders = (2...256).map { Double($0) }
    static let fractionalOrders = (11...109).map { Double($0) / 10 } + (12...63).map { Double($0) }

    /// With the whole orders 2 … 256.
    static let whole: [Row] = [
        Row(256.0 / 60000, 1.1, 14062, 1e-5, tight: (2.596981, 8), classic: (3.009100, 9)),
        Row(256.0 / 60000, 1.3, 3515, 1e-5, tight: (0.954430, 17), classic: (1.192130, 17)),
        Row(256.0 / 60000, 0.7, 10546, 1e-5, tight: (6.372841, 4), classic: (7.122622, 4)),
        Row(0.04, 1.5, 2250, 1e-5, tight: (7.329877, 4), classic: (8.079657, 4)),
        Row(5000.0 / 763430, 1.0, 5000, 1e-9, tight: (4.211471, 8), classic: (4.633789, 9)),
        Row(0.1, 1.0, 200, 1e-4, tight: (9.992859, 3), classic: (10.947630, 3)),
        Row(0.1, 1.0, 100, 1e-5, tight: (7.972922, 3), classic: (8.927693, 3)),
        Row(0.01, 1.0, 1000, 1e-5, tight: (2.107753, 8), classic: (2.538347, 8)),
        Row(0.01, 0.8, 1000, 1e-6, tight: (4.300886, 5), classic: (4.926390, 5)),
        Row(0.01, 4.0, 10000, 1e-5, tight: (1.035490, 17), classic: (1.258575, 20)),
        Row(1, 10, 100, 1e-5, tight: (4.752728, 5), classic: (5.302585, 6)),
        Row(1, 1, 1, 1e-5, tight: (4.752728, 5), classic: (5.302585, 6)),
    ]

    /// With orders in tenths as well.
    static let fractional: [Row] = [
        Row(256.0 / 60000, 1.1, 14062, 1e-5, tight: (2.596556, 8.1)),
        Row(0.04, 1.5, 2250, 1e-5, tight: (7.329111, 3.9)),
        Row(0.01, 1, 1000, 1e-5, tight: (2.101365, 7.8)),
        Row(0.1, 1, 200, 1e-4, tight: (9.670039, 2.6)),
        Row(5000.0 / 763430, 1, 5000, 1e-9, tight: (4.183291, 8.5)),
    ]

    /// Divergences: q, σ, steps, order, ρ as printed.
    static let divergences: [(rate: Double, sigma: Double, steps: Double, order: Double, text: String)] = [
        (0.04, 1.5, 1, 3.8, "0.0017813609"), (0.04, 1.5, 1, 3.9, "0.0018332022"),
        (0.04, 1.5, 1, 4, "0.0018853401"), (0.04, 1.5, 1, 4.1, "0.0019377784"),
        (0.01, 2.5, 50, 2, "8.675468e-4"), (0.01, 2.5, 50, 3, "1.303686e-3"), (0.01, 2.5, 50, 4, "1.741419e-3"),
        (0.01, 2.5, 50, 5, "2.180757e-3"), (0.01, 2.5, 50, 10, "4.401966e-3"), (0.01, 2.5, 50, 16, "7.123084e-3"),
        (0.01, 2.5, 50, 32, "1.469897e-2"), (0.01, 2.5, 50, 50, "2.384604e-2"), (0.01, 2.5, 50, 100, "167.4163"),
        (0.01, 2.5, 50, 1.5, "6.500709e-4"), (0.01, 2.5, 50, 2.5, "1.085418e-3"),
        (0.01, 1, 1, 2, "1.718134e-4"), (0.01, 1, 1, 3, "2.646376e-4"), (0.01, 1, 1, 4, "3.631540e-4"),
        (0.01, 1, 1, 8, "8.936439e-4"), (0.01, 1, 1, 16, "3.087851"), (0.01, 1, 1, 32, "11.246276"),
    ]

    /// One step at fractional orders, by integration with 40 digits: q, σ, order, ρ.
    static let integrals: [(rate: Double, sigma: Double, order: Double, divergence: Double)] = [
        (1e-6, 0.5, 1.5, 4.0179021500870604e-11), (1e-6, 5, 3.7, 7.5499937565226216e-14),
        (1e-3, 0.3, 2.2, 0.38591955765139589), (0.01, 1, 1.02, 8.5529348895088846e-5),
        (0.02, 0.7, 17.3, 13.501036807685879), (0.5, 2, 1.5, 0.049819377632093183),
        (0.9, 3, 6.1, 0.28729244992831857), (0.999, 0.8, 2.9, 2.2641764144623484),
        (0.3, 50, 10.9, 0.00019638257751965517), (0.2, 0.25, 33.3, 264.74073428841931),
        (1e-4, 0.4, 7.7, 13.477481960564691),
    ]
}
