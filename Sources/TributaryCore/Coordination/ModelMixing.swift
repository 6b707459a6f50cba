/// How clients' models are mixed into the newest one, x ← x + α s(τ) (y_k − x), where an update Δ_k = y_k − x_k says only how
/// far its client's model is from the one that it started from (FedAsync; Xie, Koyejo and Gupta 2019).
public struct ModelMixing: Hashable, Sendable {
    /// α s(τ) for each update, in the order of the contributions.
    public var shares: [Double]
    /// x_k: the model that each of them started from (float32), which may be the newest.
    public var bases: [TensorBlob]

    /// Mixing with both its parts, one of each for every contribution.
    public init(shares: [Double], bases: [TensorBlob]) {
        precondition(shares.count == bases.count, "a share and a base for each update")
        (self.shares, self.bases) = (shares, bases)
    }

    /// Replaces an update by what the step takes in its place: α s(τ) (x_k + Δ_k − x), computed in Float64, held within `bound`
    /// and rounded once. All three have the same length.
    package static func replace(
        _ update: UnsafeMutableBufferPointer<Float>, from base: UnsafeBufferPointer<Float>,
        to newest: UnsafeBufferPointer<Float>, share: Double, bound: Double
    ) {
        precondition(update.count == base.count && update.count == newest.count, "pieces of other models")
        for index in update.indices {
            let way = share * (Double(base[index]) + Double(update[index]) - Double(newest[index]))
            update[index] = Float(min(max(way, -bound), bound))
        }
    }
}
