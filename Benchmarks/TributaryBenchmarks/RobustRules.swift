import Benchmark
import TributaryCore
import TributaryMath

/// W4: robust rules over 100 updates of a million parameters, resident in memory, one thread; beside them what the same
/// bytes take to be read once, and the median by sorting every coordinate.
func measureRobustRules() {
    let limit = AdversaryLimit.count(10)
    measureRule("W4 median", CoordinateMedian())
    measureRule("W4 trimmed mean, b = 10", TrimmedMean(limit: limit))
    measureRule("W4 Krum, f = 10", Krum(limit: limit))
    measureRule("W4 multi-Krum, f = 10, m = 90", Krum(limit: limit, selection: .allButLimit))
    measureRule("W4 Bulyan, f = 10", Bulyan(limit: limit))
    measureRule("W4 Bulyan in one shot, f = 10", Bulyan(limit: limit, selection: .oneShot))
    measureRule("W4 geometric median, 3 steps", GeometricMedian(tolerance: 0))
    measureRule("W4 norm bounding", NormBounding(bound: 100))
    measureRule("W4 centred clipping, 1 step", CentredClipping(bound: 100))
    measure("W4 read once") { updates in blackHole(updates.updates.reduce(0) { $0 &+ total($1) }) }
    measure("W4 median by sorting", iterations: 2) { updates in blackHole(sortedMedians(updates.updates)) }
}

private func measureRule(_ name: String, _ rule: some RobustRule) {
    measure(name) { updates in
        do throws(RobustFailure<Never>) {
            try rule.aggregate(&updates) { _, piece in blackHole(piece) }
        } catch {
            preconditionFailure("\(error)")
        }
    }
}

private func measure(_ name: String, iterations: Int = 20, _ work: @escaping @Sendable (inout MemoryUpdates) -> Void) {
    Benchmark(name, configuration: .init(maxIterations: iterations)) { benchmark, updates in
        var updates = updates
        benchmark.startMeasurement()
        work(&updates)
        benchmark.stopMeasurement()
    } setup: {
        RobustInput.updates
    }
}

/// The updates, made once for all measurements.
private enum RobustInput {
    static let updates = MemoryUpdates(
        (0..<100).map { update in
            var stream = Seed(2).derived("update", UInt64(update)).stream()
            return (0..<1_000_000).map { _ in Float(stream.uniform() - 0.5) }
        })
}

/// A sum that depends on every number and that vectors can take in any order: as fast as memory gives the numbers.
private func total(_ update: [Float]) -> UInt32 {
    update.withUnsafeBufferPointer { $0.reduce(0) { $0 &+ $1.bitPattern } }
}

private func sortedMedians(_ updates: [[Float]]) -> [Double] {
    var column = [Float](repeating: 0, count: updates.count)
    return updates[0].indices.map { coordinate in
        for (place, update) in updates.enumerated() { column[place] = update[coordinate] }
        column.sort()
        return (Double(column[(column.count - 1) / 2]) + Double(column[column.count / 2])) / 2
    }
}
