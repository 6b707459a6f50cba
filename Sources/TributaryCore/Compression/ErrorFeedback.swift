/// What a client's compressed updates have left out so far, to be added to its next one.
///
/// Compressors that err in a direction, such as the largest coordinates alone, lose the same things again and again; adding what
/// was lost to the next update makes up for it (Stich, Cordonnier and Jaggi 2018, *Sparsified SGD with Memory*; Karimireddy,
/// Rebjock, Stich and Jaggi 2019, *Error Feedback Fixes SignSGD*). What was sent counts only once the server has it:
///
/// ```swift
/// let corrected = feedback.corrected(update)         // Δ + e
/// let bytes = try encoding.encoded(corrected, random: &stream)
/// feedback.sent(corrected, as: try encoding.decoded(bytes, count: corrected.count))
/// // … the server's answer:
/// accepted ? feedback.commit() : feedback.rollback()
/// ```
///
/// Without decay and but for rounding, all that was accepted and the residual together are the sum of all accepted updates: Σ sent + e = Σ Δ.
/// An update that was not accepted is lost, as it is without compression; the residual stays as it was before it.
public struct ErrorFeedback: Hashable, Sendable {
    /// What accepted updates have left out; empty as long as that is nothing.
    public private(set) var residual: [Float]
    /// What the residual becomes if the update that is on its way is accepted; nil if none is.
    public private(set) var pending: [Float]?
    /// The share of the residual that is added to the next update, in 0 ... 1. Below 1, what is long out of date fades: a
    /// client that is seldom invited left things out of models that have changed since.
    public let decay: Float

    /// No residual yet.
    public init(decay: Float = 1) {
        self.init(residual: [], pending: nil, decay: decay)
    }

    /// A state that was stored.
    public init(residual: [Float], pending: [Float]?, decay: Float = 1) {
        precondition(decay >= 0 && decay <= 1, "a decay is a share")
        self.residual = residual
        self.pending = pending
        self.decay = decay
    }

    /// An update with what earlier ones left out: what is to be compressed in its place.
    public func corrected(_ update: [Float]) -> [Float] {
        guard !residual.isEmpty else { return update }
        precondition(update.count == residual.count, "an update of another length than the residual")
        return [Float](unsafeUninitializedCapacity: update.count) { corrected, initialised in
            for place in update.indices {
                corrected.initializeElement(at: place, to: update[place] + decay * residual[place])
            }
            initialised = update.count
        }
    }

    /// A corrected update is on its way, as what the server will decode. The answer to the one before must have come.
    public mutating func sent(_ corrected: [Float], as decoded: [Float]) {
        precondition(pending == nil, "an update is on its way: commit it or roll it back first")
        precondition(corrected.count == decoded.count, "what was decoded has another length than what was sent")
        pending = [Float](unsafeUninitializedCapacity: corrected.count) { left, initialised in
            for place in corrected.indices {
                left.initializeElement(at: place, to: corrected[place] - decoded[place])
            }
            initialised = corrected.count
        }
    }

    /// The server has accepted the update that was on its way.
    public mutating func commit() {
        guard let pending else { return }
        residual = pending
        self.pending = nil
    }

    /// The update that was on its way does not count.
    public mutating func rollback() {
        pending = nil
    }
}
