import Testing
import TributaryBLAS
import TributaryMath

/// Our matrix kernels, at every level this processor has, against plain loops in double precision.
@Suite struct BLASKernelTests {
    /// Sizes around every tile boundary, and those of the networks we care about.
    static let extents = [0, 1, 2, 3, 4, 5, 7, 8, 10, 11, 15, 16, 17, 20, 31, 33, 48, 64, 65, 200]

    @Test(arguments: KernelLevel.supported)
    func multiplyAgreesWithPlainLoops(level: KernelLevel) {
        for seed in 0..<200 {
            var stream = Seed(UInt64(seed)).stream()
            let shape = Shape.random(&stream)
            let a = Matrix.random(shape.m, shape.k, gap: stream.uniform(below: 3), &stream)
            let b = Matrix.random(shape.k, shape.n, gap: stream.uniform(below: 3), &stream)
            let bias = Matrix.random(1, shape.n, gap: 0, &stream)
            let c = Matrix.random(shape.m, shape.n, gap: stream.uniform(below: 3), &stream)
            let accumulate = stream.bernoulli(0.3)
            let relu = stream.bernoulli(0.5)
            let hasBias = !accumulate && stream.bernoulli(0.5)
            let expected = Reference.make(c) { i, j in
                let start = accumulate ? c[i, j] : hasBias ? bias[0, j] : 0
                let sum = (0..<shape.k).reduce(start) { $0 + a[i, $1] * b[$1, j] }
                return relu ? max(sum, 0) : sum
            }
            level.multiply(
                a.view, b.view, bias: hasBias ? bias.base : nil, accumulate: accumulate, relu: relu, into: c.mutableView
            )
            #expect(c.isNear(expected, terms: shape.k), "seed \(seed), \(shape)")
        }
    }

    @Test(arguments: KernelLevel.supported)
    func blankColumnsCanBeSkipped(level: KernelLevel) {
        for seed in 0..<60 {
            var stream = Seed(UInt64(seed)).stream()
            let shape = Shape.random(&stream)
            let active = (0..<shape.k).filter { _ in stream.bernoulli(0.6) }.map(Int32.init)
            let chosen = Set(active.map(Int.init))
            let a = Matrix.random(shape.m, shape.k, gap: 0, &stream) { _, j in chosen.contains(j) }
            let b = Matrix.random(shape.k, shape.n, gap: 0, &stream)
            let d = Matrix.random(shape.m, shape.n, gap: 0, &stream)
            let c = Matrix.random(shape.m, shape.n, gap: 0, &stream)
            let w = Matrix.random(shape.k, shape.n, gap: 0, &stream)
            let product = Reference.make(c) { i, j in (0..<shape.k).reduce(0) { $0 + a[i, $1] * b[$1, j] } }
            let outer = Reference.make(w) { p, j in (0..<shape.m).reduce(w[p, j]) { $0 + a[$1, p] * d[$1, j] } }
            (active + [0]).withUnsafeBufferPointer { list in
                guard let base = list.baseAddress else { return }
                let columns = ActiveColumns(base, count: active.count)
                level.multiply(a.view, b.view, active: columns, into: c.mutableView)
                level.addOuter(a.view, d.view, active: columns, into: w.mutableView)
            }
            #expect(c.isNear(product, terms: shape.k), "seed \(seed), \(shape)")
            #expect(w.isNear(outer, terms: shape.m), "seed \(seed), \(shape)")
        }
    }

    @Test(arguments: KernelLevel.supported)
    func addOuterAgreesWithPlainLoops(level: KernelLevel) {
        for seed in 0..<200 {
            var stream = Seed(UInt64(seed)).stream()
            let shape = Shape.random(&stream)
            let a = Matrix.random(shape.m, shape.k, gap: stream.uniform(below: 3), &stream)
            let d = Matrix.random(shape.m, shape.n, gap: stream.uniform(below: 3), &stream)
            let w = Matrix.random(shape.k, shape.n, gap: stream.uniform(below: 3), &stream)
            let expected = Reference.make(w) { p, j in (0..<shape.m).reduce(w[p, j]) { $0 + a[$1, p] * d[$1, j] } }
            level.addOuter(a.view, d.view, into: w.mutableView)
            #expect(w.isNear(expected, terms: shape.m), "seed \(seed), \(shape)")
        }
    }

    @Test(arguments: KernelLevel.supported)
    func multiplyTransposedAgreesWithPlainLoops(level: KernelLevel) {
        for seed in 0..<200 {
            var stream = Seed(UInt64(seed)).stream()
            let shape = Shape.random(&stream)
            let d = Matrix.random(shape.m, shape.n, gap: stream.uniform(below: 3), &stream)
            let w = Matrix.random(shape.k, shape.n, gap: stream.uniform(below: 3), &stream)
            let gate = Matrix.random(shape.m, shape.k, gap: stream.uniform(below: 3), &stream)
            let isGated = stream.bernoulli(0.5)
            let c = Matrix.random(shape.m, shape.k, gap: stream.uniform(below: 3), &stream)
            let expected = Reference.make(c) { i, p in
                isGated && gate[i, p] <= 0 ? 0 : (0..<shape.n).reduce(0) { $0 + d[i, $1] * w[p, $1] }
            }
            level.multiplyTransposed(d.view, w.view, gate: isGated ? gate.view : nil, into: c.mutableView)
            #expect(c.isNear(expected, terms: shape.n), "seed \(seed), \(shape)")
        }
    }

    @Test(arguments: KernelLevel.supported)
    func rowsMayOverlap(level: KernelLevel) {
        // A row of a padded image read as windows of three pixels with four channels each.
        var stream = Seed(5).stream()
        let image = Matrix.random(1, 64, gap: 0, &stream)
        let kernel = Matrix.random(12, 33, gap: 0, &stream)
        let out = Matrix.random(14, 33, gap: 0, &stream)
        let expected = Reference.make(out) { i, j in (0..<12).reduce(0) { $0 + image[0, 4 * i + $1] * kernel[$1, j] } }
        level.multiply(
            MatrixView(image.base, rows: 14, columns: 12, stride: 4), kernel.view, into: out.mutableView)
        #expect(out.isNear(expected, terms: 12))
    }

    @Test(arguments: KernelLevel.supported)
    func nothingOutsideTheResultIsWritten(level: KernelLevel) {
        for seed in 0..<60 {
            var stream = Seed(UInt64(seed)).stream()
            let shape = Shape.random(&stream)
            let a = Matrix.random(shape.m, shape.k, gap: 0, &stream)
            let b = Matrix.random(shape.k, shape.n, gap: 0, &stream)
            let d = Matrix.random(shape.m, shape.n, gap: 0, &stream)
            let c = Matrix.random(shape.m, shape.n, gap: 5, &stream)
            let w = Matrix.random(shape.k, shape.n, gap: 5, &stream)
            let dx = Matrix.random(shape.m, shape.k, gap: 5, &stream)
            let before = (c.padding, w.padding, dx.padding)
            level.multiply(a.view, b.view, into: c.mutableView)
            level.addOuter(a.view, d.view, into: w.mutableView)
            level.multiplyTransposed(d.view, b.view, into: dx.mutableView)
            #expect(before == (c.padding, w.padding, dx.padding), "seed \(seed), \(shape)")
        }
    }

    @Test(arguments: KernelLevel.supported)
    func resultsDoNotDependOnAlignment(level: KernelLevel) {
        var results: [[Double]] = []
        for offset in 0..<4 {
            var stream = Seed(9).stream()
            let a = Matrix.random(10, 33, gap: 0, &stream, offset: offset)
            let b = Matrix.random(33, 50, gap: 0, &stream, offset: offset)
            let c = Matrix.random(10, 50, gap: 0, &stream, offset: offset)
            level.multiply(a.view, b.view, into: c.mutableView)
            results.append(c.entries)
        }
        #expect(Set(results).count == 1)
    }

    @Test(arguments: KernelLevel.supported)
    func notANumberSurvivesReLU(level: KernelLevel) {
        var stream = Seed(1).stream()
        let a = Matrix.random(3, 4, gap: 0, &stream)
        a[1, 2] = .nan
        let b = Matrix.random(4, 40, gap: 0, &stream)
        let c = Matrix.random(3, 40, gap: 0, &stream)
        level.multiply(a.view, b.view, relu: true, into: c.mutableView)
        #expect((0..<40).allSatisfy { c[1, $0].isNaN && !c[0, $0].isNaN })
    }

    @Test func productsAgreeWithPlainLoopsWhoeverMakesThem() {
        for seed in 0..<60 {
            var stream = Seed(UInt64(seed)).stream()
            let shape = Shape(m: [1, 10, 63, 64, 65, 100][stream.uniform(below: 6)], n: 33, k: 40)
            let a = Matrix.random(shape.m, shape.k, gap: 0, &stream)
            let b = Matrix.random(shape.k, shape.n, gap: 0, &stream)
            let d = Matrix.random(shape.m, shape.n, gap: 0, &stream)
            let bias = Matrix.random(1, shape.n, gap: 0, &stream)
            let gate = Matrix.random(shape.m, shape.k, gap: 0, &stream)
            let c = Matrix.random(shape.m, shape.n, gap: 0, &stream)
            let w = Matrix.random(shape.k, shape.n, gap: 0, &stream)
            let dx = Matrix.random(shape.m, shape.k, gap: 0, &stream)
            let product = Reference.make(c) { i, j in
                max(0, (0..<shape.k).reduce(bias[0, j]) { $0 + a[i, $1] * b[$1, j] })
            }
            let outer = Reference.make(w) { p, j in (0..<shape.m).reduce(w[p, j]) { $0 + a[$1, p] * d[$1, j] } }
            let back = Reference.make(dx) { i, p in
                gate[i, p] <= 0 ? 0 : (0..<shape.n).reduce(0) { $0 + d[i, $1] * b[p, $1] }
            }
            MatrixProduct.multiply(a.view, b.view, bias: bias.base, relu: true, into: c.mutableView)
            MatrixProduct.addOuter(a.view, d.view, into: w.mutableView)
            MatrixProduct.multiplyTransposed(d.view, b.view, gate: gate.view, into: dx.mutableView)
            #expect(c.isNear(product, terms: shape.k) && w.isNear(outer, terms: shape.m))
            #expect(dx.isNear(back, terms: shape.n), "seed \(seed), \(shape)")
        }
    }
}

/// m×k times k×n.
private struct Shape: CustomStringConvertible {
    var m, n, k: Int

    static func random(_ stream: inout RandomStream) -> Shape {
        let extents = BLASKernelTests.extents
        // Now and then a layer of real size.
        let k = stream.bernoulli(0.05) ? 784 : extents[stream.uniform(below: extents.count)]
        return Shape(
            m: extents[stream.uniform(below: extents.count - 2)], n: extents[stream.uniform(below: extents.count)], k: k
        )
    }

    var description: String { "\(m)×\(k) times \(k)×\(n)" }
}

/// A matrix that owns its memory, with rows `gap` entries apart, starting `offset` entries into it.
private final class Matrix {
    let rows, columns, stride: Int
    let storage: UnsafeMutablePointer<Float>
    let base: UnsafeMutablePointer<Float>
    private let length: Int

    init(_ rows: Int, _ columns: Int, gap: Int, offset: Int) {
        self.rows = rows
        self.columns = columns
        stride = columns + gap
        length = rows * (columns + gap) + offset + 1
        storage = .allocate(capacity: length)
        storage.initialize(repeating: 0, count: length)
        base = storage + offset
    }

    deinit { storage.deallocate() }

    static func random(
        _ rows: Int, _ columns: Int, gap: Int, _ stream: inout RandomStream, offset: Int = 0,
        keeping: (Int, Int) -> Bool = { _, _ in true }
    ) -> Matrix {
        let matrix = Matrix(rows, columns, gap: gap, offset: offset)
        for index in 0..<matrix.length - offset { matrix.base[index] = Float(2 * stream.uniform() - 1) }
        for i in 0..<rows { for j in 0..<columns where !keeping(i, j) { matrix[i, j] = 0 } }
        return matrix
    }

    subscript(row: Int, column: Int) -> Double {
        get { Double(base[row * stride + column]) }
        set { base[row * stride + column] = Float(newValue) }
    }

    var view: MatrixView { MatrixView(base, rows: rows, columns: columns, stride: stride) }
    var mutableView: MutableMatrixView { MutableMatrixView(base, rows: rows, columns: columns, stride: stride) }
    var entries: [Double] { (0..<rows).flatMap { i in (0..<columns).map { self[i, $0] } } }

    /// What lies between the rows.
    var padding: [Float] { (0..<rows).flatMap { i in (columns..<stride).map { base[i * stride + $0] } } }

    /// Whether every entry is as near as sums of `terms` products of numbers below 1 can be.
    func isNear(_ expected: [Double], terms: Int) -> Bool {
        zip(entries, expected).allSatisfy { abs($0 - $1) <= 1e-6 + 4e-7 * Double(terms) }
    }
}

private enum Reference {
    /// The entries of a matrix of `shape`'s size by formula.
    static func make(_ shape: Matrix, _ entry: (Int, Int) -> Double) -> [Double] {
        (0..<shape.rows).flatMap { i in (0..<shape.columns).map { entry(i, $0) } }
    }
}
