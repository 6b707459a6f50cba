/// What a client has for itself in APFL (Deng, Kamani, Mahdavi 2020): a model v of its own, of which and of the shared one w its
/// personal model is the mixture v̄ = α v + (1 − α) w.
///
/// With every step of w, on the same examples and all at the models before that step, v ← v − η α ∇F(v̄), since ∂v̄/∂v = α.
/// With the first of a round also α ← α − η_α ⟨∇F(v̄), v − w⟩ within 0 … 1, since ∂v̄/∂α = v − w: there w is still the model
/// that came, with which v will be mixed. After that it has learnt the client's data, too, and α would have no side to take.
public struct ModelMixture: Hashable, Sendable {
    /// v.
    public var own: [Float]
    /// α, from 0 to 1.
    public var share: Double
    /// η_α; 0 leaves α as it is.
    public var shareRate: Double
    /// How v is stepped: its learning rate, momentum, decay and clipping. Its work is that of w.
    public var solver: LocalSolver

    /// A mixture with all its parts.
    public init(own: [Float], share: Double, shareRate: Double, solver: LocalSolver) {
        (self.own, self.share, self.shareRate, self.solver) = (own, share, shareRate, solver)
    }

    /// v̄, in place of whatever `mixed` holds.
    public func write(to mixed: inout [Float], with shared: borrowing [Float]) {
        let count = own.count
        precondition(shared.count == count, "models of two lengths")
        if mixed.count != count { mixed = [Float](repeating: 0, count: count) }
        let (part, rest) = (share, 1 - share)
        let (own, shared) = (own.span, shared.span)
        var target = mixed.mutableSpan
        for index in 0..<count { target[index] = Float(part * Double(own[index]) + rest * Double(shared[index])) }
    }

    /// v̄.
    public func mixed(with shared: [Float]) -> [Float] {
        var mixed: [Float] = []
        write(to: &mixed, with: shared)
        return mixed
    }

    /// ∂F(v̄)/∂α = ⟨∇F(v̄), v − w⟩.
    public func slope(_ gradient: [Float], with shared: borrowing [Float]) -> Double {
        precondition(gradient.count == own.count && shared.count == own.count, "vectors of several lengths")
        var sum = 0.0
        for index in own.indices { sum += Double(gradient[index]) * (Double(own[index]) - Double(shared[index])) }
        return sum
    }

    /// α ← clip(α − η_α s). A slope that is no number leaves α as it is.
    public mutating func adapt(to slope: Double) {
        guard shareRate != 0, !slope.isNaN else { return }
        share = min(max(share - shareRate * slope, 0), 1)
    }
}

extension ModelMixture {
    /// What a client remembers: v, and α behind it.
    package var memory: [Float] { own + [Float(share)] }

    /// The mixture that `memory` was made of.
    package init(memory: [Float], shareRate: Double, solver: LocalSolver) {
        self.init(
            own: memory.dropLast(), share: memory.last.map(Double.init) ?? 0, shareRate: shareRate, solver: solver)
    }
}

/// A trainer that can train what a client has for itself step by step with the shared model.
public protocol MixtureTrainer<Workspace>: Trainer {
    /// Trains `weights` as `train(_:weights:workspace:)` does, to the bit, and with every step the mixture's own part, with the
    /// first also its share.
    func train(
        _ task: TrainingTask, weights: inout [Float], mixture: inout ModelMixture, workspace: inout Workspace
    ) -> TrainingOutcome
}
