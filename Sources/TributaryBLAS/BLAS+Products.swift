#if canImport(Accelerate)
    internal import Accelerate
#else
    internal import COpenBLAS
#endif

extension BLAS {
    /// c = factor · c + op(a) · op(b) by the library's `sgemm`, where op transposes what `transposingA` and
    /// `transposingB` say. Rows may not overlap.
    package static func multiply(
        _ a: MatrixView, transposingA: Bool = false, _ b: MatrixView, transposingB: Bool = false,
        keeping factor: Float = 0, into c: MutableMatrixView
    ) {
        let depth = transposingA ? a.rows : a.columns
        guard c.rows > 0, c.columns > 0 else { return }
        cblas_sgemm(
            CblasRowMajor, transposingA ? CblasTrans : CblasNoTrans, transposingB ? CblasTrans : CblasNoTrans,
            Int32(c.rows), Int32(c.columns), Int32(depth), 1, a.base, Int32(a.stride), b.base, Int32(b.stride),
            factor, c.base, Int32(c.stride))
    }
}
