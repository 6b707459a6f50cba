/// Looks over a vector, piece by piece, before it is added to a sum: whether an `ExactSum` with that bound will take
/// it, and how large it is.
package struct TermScan: Sendable {
    private let bound: Float
    private var squares = 0.0
    private var isWithinBound = true
    private var isFinite = true

    /// Nothing seen yet, for sums of grids with the given bound.
    package init(bound: Float) {
        self.bound = bound
    }

    /// Looks at the next piece.
    package mutating func see(_ piece: UnsafeBufferPointer<Float>) {
        var sum = squares
        var isSound = true
        for value in piece {
            // A comparison with NaN is false: what is not known to be within the bound is not.
            if !(value.magnitude <= bound) { isSound = false }
            sum += Double(value) * Double(value)
        }
        squares = sum
        guard !isSound else { return }
        isWithinBound = false
        if isFinite { isFinite = piece.allSatisfy(\.isFinite) }
    }

    /// Why the sum would refuse what was seen; nil if it would take it, given a good weight.
    package var refusal: ExactSum.Refusal? {
        isWithinBound ? nil : isFinite ? .outOfBound : .notFinite
    }

    /// The L2 norm of what was seen, summed in Float64 in the coordinates' order.
    package var norm: Double { squares.squareRoot() }
}
