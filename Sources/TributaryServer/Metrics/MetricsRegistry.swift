package import CoreMetrics
import Synchronization

/// Metrics in memory, for swift-metrics to count with and Prometheus to read.
///
/// ```swift
/// let registry = MetricsRegistry()
/// MetricsSystem.bootstrap(registry)
/// print(registry.prometheusText())
/// ```
///
/// The number of series is bounded: one that would be too many counts nothing, and
/// `tributary_metrics_dropped_series` counts it. Timers become histograms in seconds.
package final class MetricsRegistry: MetricsFactory {
    struct Family {
        var kind: Kind
        var series: [Labels: any Series] = [:]
    }

    enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    struct State {
        var families: [String: Family] = [:]
        var seriesCount = 0
        var droppedCount = 0
    }

    let state = Mutex(State())
    private let seriesLimit: Int

    /// An empty registry for up to `seriesLimit` series.
    package init(seriesLimit: Int = 2_000) {
        self.seriesLimit = seriesLimit
    }

    /// A counter: a series of its name and dimensions, the same for the same.
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(MetricName.counter(label), dimensions, .counter) { CounterSeries() } ?? CounterSeries()
    }

    /// A counter of fractions.
    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(MetricName.counter(label), dimensions, .counter) { CounterSeries() } ?? CounterSeries()
    }

    /// A gauge that can be set and moved.
    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(MetricName.plain(label), dimensions, .gauge) { GaugeSeries() } ?? GaugeSeries()
    }

    /// A gauge, or a histogram if values are to be aggregated.
    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else {
            return series(MetricName.plain(label), dimensions, .gauge) { GaugeSeries() } ?? GaugeSeries()
        }
        func make() -> HistogramSeries { HistogramSeries(bounds: HistogramSeries.magnitudes) }
        return series(MetricName.plain(label), dimensions, .histogram, make) ?? make()
    }

    /// A histogram in seconds.
    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        func make() -> HistogramSeries { HistogramSeries(bounds: HistogramSeries.seconds) }
        return series(MetricName.timer(label), dimensions, .histogram, make) ?? make()
    }

    /// Series stay for as long as the process: Prometheus wants counters that do not go back.
    package func destroyCounter(_ handler: any CounterHandler) {}
    /// As `destroyCounter`.
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    /// As `destroyCounter`.
    package func destroyMeter(_ handler: any MeterHandler) {}
    /// As `destroyCounter`.
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    /// As `destroyCounter`.
    package func destroyTimer(_ handler: any TimerHandler) {}

    /// The series of that name and those labels; nil if there are too many, or the name is one of another kind.
    private func series<Made: Series>(
        _ name: String, _ dimensions: [(String, String)], _ kind: Kind, _ make: () -> Made
    ) -> Made? {
        let labels = Labels(dimensions)
        return state.withLock { state in
            var family = state.families[name] ?? Family(kind: kind)
            if let known = family.series[labels], let made = known as? Made { return made }
            guard family.kind == kind, family.series[labels] == nil, state.seriesCount < seriesLimit else {
                state.droppedCount += 1
                return nil
            }
            let made = make()
            family.series[labels] = made
            state.families[name] = family
            state.seriesCount += 1
            return made
        }
    }
}
