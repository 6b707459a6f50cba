internal import CTributaryKernels

/// Our own kernels, at the level they are called on. Callers that do not care go through ``MatrixProduct``.
extension KernelLevel {
    /// c = a · b + bias, or c += a · b with `accumulate`; with `relu`, negative results become zero.
    package func multiply(
        _ a: MatrixView, _ b: MatrixView, bias: UnsafePointer<Float>? = nil, active: ActiveColumns? = nil,
        accumulate: Bool = false, relu: Bool = false, into c: MutableMatrixView
    ) {
        let flags = (relu ? TRIBUTARY_RELU : 0) | (accumulate ? TRIBUTARY_ACCUMULATE : 0)
        tributary_multiply(
            rawValue, c.rows, c.columns, active?.count ?? a.columns, a.base, a.stride, active?.base, b.base, b.stride,
            bias, Int32(flags), c.base, c.stride)
    }

    /// w += aᵀ · d.
    package func addOuter(_ a: MatrixView, _ d: MatrixView, active: ActiveColumns? = nil, into w: MutableMatrixView) {
        tributary_add_outer(
            rawValue, a.rows, w.columns, active?.count ?? a.columns, a.base, a.stride, active?.base, d.base, d.stride,
            w.base, w.stride)
    }

    /// c = d · wᵀ; entries whose `gate` is not positive become zero.
    package func multiplyTransposed(
        _ d: MatrixView, _ w: MatrixView, gate: MatrixView? = nil, into c: MutableMatrixView
    ) {
        tributary_multiply_transposed(
            rawValue, c.rows, d.columns, c.columns, d.base, d.stride, w.base, w.stride, gate?.base, gate?.stride ?? 0,
            c.base, c.stride)
    }

    /// total += the sum of d's rows.
    package func addRows(_ d: MatrixView, into total: UnsafeMutablePointer<Float>) {
        tributary_add_rows(rawValue, d.rows, d.columns, d.base, d.stride, total)
    }
}
