internal import CTributaryKernels

/// A format of 16 bits that models and updates travel in, little-endian.
///
/// Reading is exact. Writing gives the nearest number, ties to even, and beyond the largest an infinity; NaN keeps its
/// sign and the top of its payload. The same kernels run at several instruction-set levels, and give the same bits.
package enum NarrowFloat: Hashable, Sendable, CaseIterable {
    /// Half precision: IEEE 754 binary16.
    case half
    /// The upper half of single precision.
    case brain

    /// An instruction set that the kernels are compiled for.
    package struct Level: Hashable, Sendable {
        fileprivate let number: Int32

        /// Those that this processor can run, the fastest last.
        package static let supported = [
            TRIBUTARY_LEVEL_PORTABLE, TRIBUTARY_LEVEL_AVX2, TRIBUTARY_LEVEL_AVX512,
        ].map { Level(number: Int32($0)) }.filter { tributary_level_is_supported($0.number) != 0 }

        /// The fastest of them.
        package static let best = supported.last ?? Level(number: Int32(TRIBUTARY_LEVEL_PORTABLE))
    }

    /// Reads numbers from twice as many bytes.
    package func decode(
        _ bytes: UnsafeRawBufferPointer, into values: UnsafeMutableBufferPointer<Float>, at level: Level = .best
    ) {
        precondition(bytes.count == 2 * values.count, "bytes of another length than the numbers take")
        guard let source = bytes.baseAddress, let target = values.baseAddress else { return }
        switch self {
        case .half: tributary_halves_decode(level.number, source, target, values.count)
        case .brain: tributary_brains_decode(level.number, source, target, values.count)
        }
    }

    /// Writes numbers to twice as many bytes.
    package func encode(
        _ values: UnsafeBufferPointer<Float>, into bytes: UnsafeMutableRawBufferPointer, at level: Level = .best
    ) {
        precondition(bytes.count == 2 * values.count, "bytes of another length than the numbers take")
        guard let source = values.baseAddress, let target = bytes.baseAddress else { return }
        switch self {
        case .half: tributary_halves_encode(level.number, source, target, values.count)
        case .brain: tributary_brains_encode(level.number, source, target, values.count)
        }
    }
}
