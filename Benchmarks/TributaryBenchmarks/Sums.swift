import Benchmark
import TributaryMath

/// W3: adding updates of ten million parameters, resident in memory, to the exact sum.
func measureSums() {
    let count = 10_000_000
    let grid = FixedPointGrid(bound: 8, weightLimit: 1 << 20)
    guard let grid else { preconditionFailure("a grid that fits any round") }

    let metrics: [BenchmarkMetric] = [.wallClock, .cpuTotal, .peakMemoryResident, rate]

    let plainName = "W3 stream one update and the accumulator, plain loop"
    Benchmark(plainName, configuration: .init(metrics: metrics)) { benchmark, memory in
        measureBytes(benchmark, count * 4) { stream(memory.updates[0], into: &memory.accumulator) }
        blackHole(memory.accumulator)
    } setup: {
        UpdateMemory(count: count, updates: 1)
    }
    Benchmark("W3 add one update", configuration: .init(metrics: metrics)) { benchmark, memory in
        measureBytes(benchmark, count * 4) { blackHole(memory.sum.add(memory.updates[0], weight: 1)) }
        memory.sum.reset()
    } setup: {
        UpdateMemory(count: count, updates: 1, grid: grid)
    }
    Benchmark("W3 add 100 updates, fused", configuration: .init(metrics: metrics, maxIterations: 8)) {
        benchmark, memory in
        measureBytes(benchmark, 100 * count * 4) { memory.addAll(100) }
        memory.sum.reset()
    } setup: {
        UpdateMemory(count: count, updates: 10, grid: grid)
    }
}

private let rate = BenchmarkMetric.custom("Update MB/s", polarity: .prefersLarger, useScalingFactor: false)

/// Measures work over so many bytes of updates, also as a rate.
private func measureBytes(_ benchmark: Benchmark, _ bytes: Int, _ work: () -> Void) {
    let begin = ContinuousClock.now
    benchmark.startMeasurement()
    work()
    benchmark.stopMeasurement()
    let elapsed = begin.duration(to: .now) / .seconds(1)
    benchmark.measurement(rate, Int(Double(bytes) / elapsed / 1e6))
}

/// The least that adding an update can do: read it, read and write as many doubles.
private func stream(_ update: [Float], into accumulator: inout [Double]) {
    update.withUnsafeBufferPointer { update in
        accumulator.withUnsafeMutableBufferPointer { accumulator in
            for index in update.indices { accumulator[index] += Double(update[index]) }
        }
    }
}

/// Updates and what they are added to.
///
/// Unchecked: a benchmark runs on one thread.
private final class UpdateMemory: @unchecked Sendable {
    let updates: [[Float]]
    var accumulator: [Double] = []
    var sum: ExactSum

    init(count: Int, updates: Int, grid: FixedPointGrid? = nil) {
        self.updates = (0..<updates).map { update in
            var stream = Seed(1).derived("update", UInt64(update)).stream()
            return (0..<count).map { _ in Float(stream.uniform() - 0.5) }
        }
        if let grid {
            sum = ExactSum(count: count, grid: grid)
        } else {
            accumulator = [Double](repeating: 0, count: count)
            sum = ExactSum(count: 0, grid: FixedPointGrid(bound: 8, weightLimit: 1).unsafelyUnwrapped)
        }
    }

    /// Adds so many updates in one call: those there are, again and again. Each is 40 MB, far more than any cache holds.
    func addAll(_ number: Int) {
        withPointers(updates[...], []) { pointers in
            let many = (0..<number).map { pointers[$0 % pointers.count] }
            blackHole(sum.add(many, weights: [Int](repeating: 1, count: number)))
        }
    }

    private func withPointers(
        _ rest: ArraySlice<[Float]>, _ pointers: [UnsafeBufferPointer<Float>],
        _ body: ([UnsafeBufferPointer<Float>]) -> Void
    ) {
        guard let first = rest.first else { return body(pointers) }
        first.withUnsafeBufferPointer { withPointers(rest.dropFirst(), pointers + [$0], body) }
    }
}
