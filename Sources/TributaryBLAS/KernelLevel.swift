internal import CTributaryKernels

/// An instruction set that our matrix kernels are compiled for.
///
/// The same kernels run at every level; results agree to rounding between levels and to the bit within one.
package enum KernelLevel: Int32, CaseIterable, Sendable {
    /// Vectors of four floats, on any processor.
    case portable = 0
    /// Vectors of eight with fused multiply-add.
    case avx2 = 1
    /// Vectors of sixteen.
    case avx512 = 2

    /// The levels that this processor can run.
    package static let supported = allCases.filter { tributary_level_is_supported($0.rawValue) != 0 }

    /// The widest level that this processor can run.
    package static let best = supported.last ?? .portable
}
