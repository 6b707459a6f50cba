import Foundation

/// Adds up what steps cost in Rényi differential privacy, and says what the total means as (ε, δ).
///
/// Rényi divergences of one order add when mechanisms are composed, also when later ones are chosen by what earlier
/// ones released; ε does not. So a divergence is kept for each of a grid of orders, and the best order is chosen last.
///
/// ```swift
/// var accountant = RenyiAccountant()
/// accountant.add(try SampledGaussian(samplingRate: 0.01, noiseMultiplier: 1), count: 1000)
/// accountant.guarantee(delta: 1e-5).epsilon    // 2.1014
/// ```
public struct RenyiAccountant: Hashable, Sendable {
    /// The orders that are used unless others are given.
    ///
    /// 1.1, 1.2, … 10.9, where the best order of most plans lies, and 1.02 and 1.05 below them for very little noise;
    /// 11, 12, … 64; then, ever further apart up to 8192, those that very small ε needs.
    public static let defaultOrders: [Double] = {
        let tenths: [Double] = (11...109).map { Double($0) / 10 }
        let whole: [Double] = (11...64).map { Double($0) }
        let sparse: [Double] = [
            72, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 768, 1024, 1536, 2048, 4096, 8192,
        ]
        return [1.02, 1.05] + tenths + whole + sparse
    }()

    /// The orders, each above 1.
    public let orders: [Double]
    /// The sum of the divergences so far, for each order.
    public private(set) var divergences: [Double]

    /// Nothing spent yet. There must be an order, and all must be above 1 and finite.
    public init(orders: [Double] = defaultOrders) {
        self.init(orders: orders, divergences: [Double](repeating: 0, count: orders.count))
    }

    /// What some other analysis found: a divergence for each order.
    public init(orders: [Double], divergences: [Double]) {
        precondition(!orders.isEmpty && orders.allSatisfy { $0 > 1 && $0.isFinite }, "Rényi orders are above 1")
        precondition(divergences.count == orders.count, "a divergence for each order")
        precondition(divergences.allSatisfy { $0 >= 0 }, "divergences are not negative")
        self.orders = orders
        self.divergences = divergences
    }

    /// Adds `count` steps.
    public mutating func add(_ step: SampledGaussian, count: Int = 1) {
        guard count > 0 else { return }
        add(orders.map(step.renyiDivergence), count: count)
    }

    /// Adds `count` steps of which the divergences at this accountant's orders are known.
    mutating func add(_ curve: [Double], count: Int) {
        // An infinite divergence, zero times, is nothing.
        guard count > 0 else { return }
        for index in divergences.indices { divergences[index] += Double(count) * curve[index] }
    }
}

extension RenyiAccountant {
    /// How a Rényi divergence becomes (ε, δ).
    public enum Conversion: Hashable, Sendable {
        /// ε = ρ + log((α − 1)/α) − (log δ + log α)/(α − 1) (Balle et al. 2020; Canonne, Kamath and Steinke 2020).
        case tight
        /// ε = ρ + log(1/δ)/(α − 1) (Mironov 2017): larger, for comparison with older figures.
        case classic
    }

    /// The smallest ε that the total implies for `delta` in (0, 1), and the order that gives it.
    public func guarantee(delta: Double, by conversion: Conversion = .tight) -> PrivacyGuarantee {
        precondition(delta > 0 && delta < 1, "δ lies between 0 and 1")
        var best = PrivacyGuarantee(epsilon: .infinity, delta: delta, order: orders[0])
        for (order, divergence) in zip(orders, divergences) {
            let epsilon = Self.epsilon(order: order, divergence: divergence, delta: delta, by: conversion)
            if epsilon < best.epsilon { best = PrivacyGuarantee(epsilon: epsilon, delta: delta, order: order) }
        }
        return best
    }

    private static func epsilon(order: Double, divergence: Double, delta: Double, by conversion: Conversion) -> Double {
        let epsilon =
            switch conversion {
            case .tight: divergence + log1p(-1 / order) - (log(delta) + log(order)) / (order - 1)
            case .classic: divergence - log(delta) / (order - 1)
            }
        // The total variation distance is at most √(1 − exp(−ρ)) (Bretagnolle and Huber 1979). Where that is below δ,
        // there is nothing left for ε to do; above all where nothing was spent.
        if -expm1(-divergence) <= delta * delta { return 0 }
        return max(epsilon, 0)
    }
}

/// (ε, δ)-differential privacy of what was released, with one client added or removed.
public struct PrivacyGuarantee: Hashable, Sendable {
    /// ε; ∞ if nothing is guaranteed.
    public var epsilon: Double
    /// δ.
    public var delta: Double
    /// The Rényi order that gives this ε.
    public var order: Double
}
