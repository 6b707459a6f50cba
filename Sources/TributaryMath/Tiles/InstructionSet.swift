internal import CTributaryKernels

/// An instruction set that the kernels on tiles are compiled for. All of them give the same bits.
package enum InstructionSet: Int32, CaseIterable, Sendable {
    /// What every processor of its kind has.
    case portable = 0
    /// AVX2 with fused multiply-add.
    case avx2 = 1
    /// AVX-512.
    case avx512 = 2

    /// Those that this processor can run.
    package static let supported = allCases.filter { tributary_level_is_supported($0.rawValue) != 0 }

    /// The widest that this processor can run.
    package static let best = supported.last ?? .portable

    /// Whether none of the numbers is NaN or infinite.
    package func isFinite(_ values: UnsafeBufferPointer<Float>) -> Bool {
        guard let base = values.baseAddress else { return true }
        return tributary_is_finite(rawValue, base, values.count) != 0
    }
}
