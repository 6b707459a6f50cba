/// Limits how much one client can move a sum: an update whose L2 norm exceeds the bound C is scaled down to it.
///
/// The whole update is clipped at once, as one vector. What is left has a norm of at most C *exactly*, as real numbers
/// and after rounding to Float32: the noise is measured by that bound, so it may not be passed by a hair. An update
/// that is within the bound is not changed at all.
///
/// An update that comes in pieces is looked over with `ClipScan` first, then each piece is scaled.
public struct UpdateClip: Hashable, Sendable {
    /// What became of an update.
    public enum Outcome: Hashable, Sendable {
        /// It was within the bound and is as it was.
        case unchanged(norm: Double)
        /// It had this norm and was scaled down.
        case clipped(norm: Double)
        /// A coordinate is NaN or infinite. Nothing was changed.
        case refused(UpdateRefusal)

        /// b of adaptive clipping: whether the update was within the bound; nil for one that was refused.
        public var wasWithinBound: Bool? {
            switch self {
            case .unchanged: true
            case .clipped: false
            case .refused: nil
            }
        }
    }

    /// C.
    public let bound: Double

    /// A clip to the bound C, positive and finite.
    public init(bound: Double) throws(PrivacyError) {
        guard bound > 0, bound.isFinite else { throw .value("clipping bound", bound, must: "above 0, and finite") }
        self.bound = bound
    }

    /// Clips a whole update.
    public func clip(_ update: inout [Float]) -> Outcome {
        var scan = ClipScan()
        update.withUnsafeBufferPointer { scan.see($0) }
        let outcome = scan.outcome(for: self)
        if case .clipped = outcome {
            let factor = scan.factor(for: self)
            update.withUnsafeMutableBufferPointer { Self.scale($0, by: factor) }
        }
        return outcome
    }

    /// Scales a piece of an update that is to be clipped, by the factor that `ClipScan` found for the whole.
    ///
    /// Rounds towards zero: no coordinate becomes larger than the real product.
    public static func scale(_ piece: UnsafeMutableBufferPointer<Float>, by factor: Double) {
        for index in piece.indices {
            let product = Double(piece[index]) * factor
            let rounded = Float(product)
            piece[index] = Double(rounded).magnitude > product.magnitude ? rounded.towardZero : rounded
        }
    }
}

extension Float {
    /// The neighbour that is nearer to zero.
    fileprivate var towardZero: Float { self > 0 ? nextDown : nextUp }
}
