import Foundation
import TributaryBLAS
import TributaryMath

/// What figures depend on beside the code, as it goes with every run's output.
enum Environment {
    /// Variables that pin OpenBLAS to another processor's kernels. `run` takes them away; it reads them when it is loaded,
    /// so here it would be too late.
    private static let pins = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"]

    /// Writes the processor and the kernels in use to standard error.
    static func announce() {
        let blas = BLAS.configuration
        var line = "\(ProcessInfo.processInfo.activeProcessorCount) processors, OpenBLAS core type \(blas.coreType), "
        line += "own kernels \(blas.kernels)"
        let pinned = pins.filter { ProcessInfo.processInfo.environment[$0] != nil }
        if !pinned.isEmpty {
            line += "; pinned by \(pinned.joined(separator: ", ")): figures are not comparable, use Benchmarks/run"
        }
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
