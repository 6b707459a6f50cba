import CoreMetrics
import Synchronization

/// One series of values: what Prometheus shows as one line, or as one histogram.
protocol Series: AnyObject, Sendable {
    /// Its lines in Prometheus's text format.
    func lines(_ name: String, _ labels: Labels) -> [String]
}

/// Counts up.
final class CounterSeries: Series, CounterHandler, FloatingPointCounterHandler {
    private let value = Mutex(0.0)

    func increment(by amount: Int64) {
        increment(by: Double(amount))
    }

    func increment(by amount: Double) {
        guard amount.isFinite, amount >= 0 else { return }
        value.withLock { $0 += amount }
    }

    func reset() {
        value.withLock { $0 = 0 }
    }

    func lines(_ name: String, _ labels: Labels) -> [String] {
        ["\(name)\(labels) \(MetricText.number(value.withLock { $0 }))"]
    }
}

/// Goes up and down.
final class GaugeSeries: Series, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func set(_ value: Int64) {
        set(Double(value))
    }

    func set(_ value: Double) {
        self.value.withLock { $0 = value }
    }

    func increment(by amount: Double) {
        value.withLock { $0 += amount }
    }

    func decrement(by amount: Double) {
        value.withLock { $0 -= amount }
    }

    func record(_ value: Int64) {
        set(value)
    }

    func record(_ value: Double) {
        set(value)
    }

    func lines(_ name: String, _ labels: Labels) -> [String] {
        ["\(name)\(labels) \(MetricText.number(value.withLock { $0 }))"]
    }
}

/// Counts values by size.
final class HistogramSeries: Series, RecorderHandler, TimerHandler {
    /// Bounds for durations: a millisecond to a minute.
    static let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
    /// Bounds for anything else: powers of ten.
    static let magnitudes = (0...10).map { exponent in (0..<exponent).reduce(1.0) { product, _ in product * 10 } }

    private struct State {
        /// Values by the first bound that is not below them, and those above all bounds.
        var counts: [Int]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func record(_ value: Int64) {
        record(Double(value))
    }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[index] += 1
            state.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) {
        record(Double(duration) / 1e9)
    }

    func lines(_ name: String, _ labels: Labels) -> [String] {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        var total = 0
        var lines: [String] = []
        for (bound, count) in zip(bounds.map(MetricText.number) + ["+Inf"], counts) {
            total += count
            lines.append("\(name)_bucket\(labels.adding("le", bound)) \(total)")
        }
        return lines + ["\(name)_sum\(labels) \(MetricText.number(sum))", "\(name)_count\(labels) \(total)"]
    }
}
