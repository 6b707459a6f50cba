internal import CTributaryKernels

#if canImport(Accelerate)
    internal import Accelerate
#else
    internal import COpenBLAS
#endif

/// The linear-algebra library under the product, as one namespace.
///
/// Parallelism is ours: every worker runs BLAS on its own thread, so the library itself must use one.
public enum BLAS {
    /// What the linked library is and which kernels it chose, as it goes into run records and benchmark output.
    public struct Configuration: Sendable, Equatable {
        /// The library's own description of its build.
        public var library: String
        /// The processor type whose kernels are in use (for example `Cooperlake`).
        public var coreType: String
        /// The instruction set of our own kernels: `avx512`, `avx2` or `portable`.
        public var kernels: String
        /// False for builds that ignore our request for one thread a worker (OpenMP builds): slow, and not reproducible.
        public var isSafeForWorkers: Bool
    }

    /// The linked library, asked once.
    public static let configuration: Configuration = {
        let kernels = String(cString: tributary_kernels_level())
        #if canImport(Accelerate)
            return Configuration(library: "Accelerate", coreType: "Apple", kernels: kernels, isSafeForWorkers: true)
        #else
            let library = String(cString: openblas_get_config())
            return Configuration(
                library: library, coreType: String(cString: openblas_get_corename()), kernels: kernels,
                isSafeForWorkers: !library.contains("USE_OPENMP"))
        #endif
    }()

    /// Restricts the library to the calling thread. Call once before the workers start.
    public static func useOneThreadPerWorker() {
        #if !canImport(Accelerate)
            openblas_set_num_threads(1)
        #endif
    }
}
