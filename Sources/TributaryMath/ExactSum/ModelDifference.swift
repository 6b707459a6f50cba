internal import CTributaryKernels

/// The change from one model to another, and its size.
public enum ModelDifference {
    /// The size of a difference.
    public struct Size: Hashable, Sendable {
        /// The L2 norm, computed in Float64; not finite if a coordinate is not.
        public let norm: Double
        /// The largest magnitude of a coordinate; NaN if a coordinate is.
        public let largest: Float
    }

    /// Replaces `local` by `local − global`, coordinate by coordinate. Both must have the same length.
    public static func replace(_ local: inout [Float], minus global: [Float]) -> Size {
        precondition(local.count == global.count, "models of different lengths")
        let result = local.withUnsafeMutableBufferPointer { local in
            global.withUnsafeBufferPointer { global in
                tributary_difference(local.baseAddress, global.baseAddress, local.count)
            }
        }
        return Size(norm: result.sum_of_squares.squareRoot(), largest: result.largest)
    }
}
