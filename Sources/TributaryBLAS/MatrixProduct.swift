/// The products of a dense layer, each by whichever of our own kernels and the library is faster for its shape.
///
/// The library packs its operands, which pays for large batches only; our kernels read each weight once, in place.
/// The choice depends on shapes and the processor alone, never on the thread or on earlier calls.
package enum MatrixProduct {
    /// y = x · w + bias, or y += x · w with `accumulate`; with `relu`, negative results become zero.
    ///
    /// Columns of x missing from `active` must be zero; they are skipped where that helps (so 0 · NaN may give 0).
    package static func multiply(
        _ x: MatrixView, _ w: MatrixView, bias: UnsafePointer<Float>? = nil, active: ActiveColumns? = nil,
        accumulate: Bool = false, relu: Bool = false, into y: MutableMatrixView
    ) {
        let level = KernelLevel.best
        if level.prefersOwnMultiply(rows: x.rows, width: w.columns) {
            level.multiply(x, w, bias: bias, active: active, accumulate: accumulate, relu: relu, into: y)
            return
        }
        if let bias, !accumulate {
            for row in 0..<y.rows { (y.base + row * y.stride).update(from: bias, count: y.columns) }
        }
        BLAS.multiply(x, w, keeping: accumulate || bias != nil ? 1 : 0, into: y)
        if relu { clampBelowZero(y) }
    }

    /// w += xᵀ · d. Columns of x missing from `active` must be zero.
    package static func addOuter(
        _ x: MatrixView, _ d: MatrixView, active: ActiveColumns? = nil, into w: MutableMatrixView
    ) {
        let level = KernelLevel.best
        if level.prefersOwnOuter(rows: x.rows, width: w.columns) {
            level.addOuter(x, d, active: active, into: w)
        } else {
            BLAS.multiply(x, transposingA: true, d, keeping: 1, into: w)
        }
    }

    /// dx = d · wᵀ; entries whose `gate` is zero or negative become zero.
    package static func multiplyTransposed(
        _ d: MatrixView, _ w: MatrixView, gate: MatrixView? = nil, into dx: MutableMatrixView
    ) {
        let level = KernelLevel.best
        if level.prefersOwnMultiplyTransposed(rows: d.rows) {
            level.multiplyTransposed(d, w, gate: gate, into: dx)
            return
        }
        BLAS.multiply(d, w, transposingB: true, into: dx)
        if let gate { close(dx, where: gate) }
    }

    /// Replaces negative entries by zero and keeps NaN, so that a model that has exploded shows it.
    private static func clampBelowZero(_ matrix: MutableMatrixView) {
        for row in 0..<matrix.rows {
            let values = matrix.base + row * matrix.stride
            for column in 0..<matrix.columns where values[column] < 0 { values[column] = 0 }
        }
    }

    private static func close(_ matrix: MutableMatrixView, where gate: MatrixView) {
        for row in 0..<matrix.rows {
            let values = matrix.base + row * matrix.stride
            let gates = gate.base + row * gate.stride
            for column in 0..<matrix.columns { values[column] = gates[column] <= 0 ? 0 : values[column] }
        }
    }
}

/// Where our own kernels win, as measured against OpenBLAS 0.3.21 with AVX-512 and AVX2 (Zen 5).
extension KernelLevel {
    func prefersOwnMultiply(rows: Int, width: Int) -> Bool {
        switch self {
        case .avx512: rows <= 64 || width < 32
        // Rows of whole pages fall on one another's cache lines, which the library's packing avoids.
        case .avx2: rows <= 32 && width % 1024 != 0
        case .portable: false
        }
    }

    func prefersOwnOuter(rows: Int, width: Int) -> Bool {
        switch self {
        case .avx512: rows <= 64
        case .avx2: rows <= 16 && width >= 32 && width % 1024 != 0
        case .portable: false
        }
    }

    func prefersOwnMultiplyTransposed(rows: Int) -> Bool {
        switch self {
        case .avx512, .avx2: rows <= 64
        case .portable: false
        }
    }
}
