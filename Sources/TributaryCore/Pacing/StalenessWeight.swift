import Foundation

/// s(τ): how much an update counts that was trained on a model τ server steps old.
public struct StalenessWeight: Hashable, Sendable {
    /// How it falls.
    public enum Form: String, CaseIterable, Hashable, Sendable {
        /// 1.
        case constant
        /// (1 + τ)^−a (Xie, Koyejo and Gupta 2019; a = ½ in Nguyen et al. 2022).
        case polynomial
        /// 1 up to τ = b, then 1 / (a (τ − b) + 1) (Xie, Koyejo and Gupta 2019).
        case hinge
    }

    /// How it falls.
    public var form = Form.polynomial
    /// a.
    public var slope = 0.5
    /// b, of `hinge`.
    public var knee = 4

    /// 1 / √(1 + τ).
    public init() {}

    /// s(τ), in 0 … 1, for τ ≥ 0.
    public func callAsFunction(_ staleness: Int) -> Double {
        switch form {
        case .constant: 1
        case .polynomial: pow(1 + Double(staleness), -slope)
        case .hinge: staleness <= knee ? 1 : 1 / (slope * Double(staleness - knee) + 1)
        }
    }
}
