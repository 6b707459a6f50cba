import Foundation
import Testing
import TributaryBLAS
import TributaryMath

/// The element-wise kernels against the formulas in double precision.
@Suite struct BLASElementTests {
    @Test(arguments: KernelLevel.supported)
    func softmaxLossAndItsGradientFollowTheFormula(level: KernelLevel) {
        for classes in [1, 2, 3, 4, 7, 10, 16, 17, 86] {
            var stream = Seed(UInt64(classes)).stream()
            let rows = 9
            var logits = (0..<rows * classes).map { _ in Float(20 * stream.uniform() - 10) }
            let labels = (0..<rows).map { _ in UInt16(stream.uniform(below: classes)) }
            var loss = 0.0
            var gradient: [Double] = []
            for row in 0..<rows {
                let z = logits[row * classes..<(row + 1) * classes].map(Double.init)
                let peak = z.max() ?? 0
                let total = z.reduce(0) { $0 + exp($1 - peak) }
                loss += log(total) + peak - z[Int(labels[row])]
                gradient += z.indices.map { 0.1 * (exp(z[$0] - peak) / total - ($0 == labels[row] ? 1 : 0)) }
            }
            let result = logits.withUnsafeMutableBufferPointer { logits in
                logits.baseAddress.map {
                    level.softmaxLoss(
                        MutableMatrixView($0, rows: rows, columns: classes), labels: labels, scale: 0.1)
                }
            }
            #expect(abs((result?.lossSum ?? .nan) - loss) < 1e-5)
            #expect(zip(logits, gradient).allSatisfy { abs(Double($0) - $1) < 1e-7 })
        }
    }

    @Test(arguments: KernelLevel.supported)
    func correctLabelsHaveTheLargestLogit(level: KernelLevel) {
        var logits: [Float] = [0, 3, 1, 2, 2, -1, -5, -4, -3]
        let labels: [UInt16] = [1, 1, 2]  // the second row is a tie, which goes to the first place
        let result = logits.withUnsafeMutableBufferPointer { logits in
            logits.baseAddress.map {
                level.softmaxLoss(MutableMatrixView($0, rows: 3, columns: 3), labels: labels, scale: 0)
            }
        }
        #expect(result?.correctCount == 2)
    }

    @Test(arguments: KernelLevel.supported)
    func extremeLogitsGiveFiniteLossesAndNaNShows(level: KernelLevel) {
        var logits: [Float] = [1e30, -1e30, 0, 1e4, 1e4, -1e4, .nan, 0, 1]
        let losses = (0..<3).map { row in
            logits.withUnsafeMutableBufferPointer { logits in
                logits.baseAddress.map {
                    level.softmaxLoss(
                        MutableMatrixView($0 + 3 * row, rows: 1, columns: 3), labels: [0], scale: 1
                    ).lossSum
                } ?? -1
            }
        }
        #expect(losses[0] == 0)
        #expect(abs(losses[1] - log(2)) < 1e-6)
        #expect(losses[2].isNaN)
    }

    @Test(arguments: KernelLevel.supported)
    func gatheringConvertsBytesAndFindsBlankColumns(level: KernelLevel) {
        for width in [1, 3, 4, 7, 16, 19, 64, 100] {
            var stream = Seed(UInt64(width)).stream()
            let table = (0..<12 * width).map { _ in stream.bernoulli(0.2) ? UInt8(stream.uniform(below: 256)) : 0 }
            let rows: [UInt32] = [11, 0, 5, 5, 7]
            var out = [Float](repeating: -1, count: rows.count * width)
            var seen = [UInt8](repeating: 9, count: width)
            var columns = [Int32](repeating: -1, count: width + 1)
            let count = rows.withUnsafeBufferPointer {
                level.gatherBytes(
                    table, rows: $0, width: width, scale: 0.5, into: &out, seen: &seen, columns: &columns)
            }
            let expected = rows.flatMap { row in (0..<width).map { Float(table[Int(row) * width + $0]) * 0.5 } }
            let active = (0..<width).filter { column in rows.contains { table[Int($0) * width + column] != 0 } }
            #expect(out == expected)
            #expect(columns.prefix(count).map(Int.init) == active)
        }
    }

    @Test(arguments: KernelLevel.supported)
    func addingRowsSumsColumns(level: KernelLevel) {
        for (rows, columns) in [(0, 5), (1, 1), (3, 16), (7, 33)] {
            let values = (0..<rows * columns + 1).map { Float($0 % 13) }
            var total = [Float](repeating: 1, count: columns)
            values.withUnsafeBufferPointer { values in
                guard let base = values.baseAddress else { return }
                level.addRows(MatrixView(base, rows: rows, columns: columns), into: &total)
            }
            #expect(
                total == (0..<columns).map { column in (0..<rows).reduce(1) { $0 + values[$1 * columns + column] } })
        }
    }
}
