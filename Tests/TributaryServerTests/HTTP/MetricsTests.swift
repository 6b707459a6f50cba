import CoreMetrics
import Testing
import TributaryServer

@Suite struct MetricsTests {
    @Test func writesPrometheusText() {
        let registry = MetricsRegistry()
        Counter(label: "things.done", dimensions: [("b", "x\"y\\\n"), ("a", "1")], factory: registry).increment(by: 3)
        Gauge(label: "level", factory: registry).record(2.5)
        let timer = Timer(label: "wait", factory: registry)
        timer.recordNanoseconds(3_000_000)
        timer.recordNanoseconds(70_000_000_000)
        let lines = registry.prometheusText().split(separator: "\n")
        #expect(lines.contains("# TYPE things_done_total counter"))
        #expect(lines.contains(#"things_done_total{a="1",b="x\"y\\\n"} 3"#))
        #expect(lines.contains("level 2.5"))
        #expect(lines.contains(#"wait_seconds_bucket{le="0.0025"} 0"#))
        #expect(lines.contains(#"wait_seconds_bucket{le="0.005"} 1"#))
        #expect(lines.contains(#"wait_seconds_bucket{le="60"} 1"#))
        #expect(lines.contains(#"wait_seconds_bucket{le="+Inf"} 2"#))
        #expect(lines.contains("wait_seconds_count 2"))
        #expect(lines.contains("wait_seconds_sum 70.003"))
    }

    @Test func isTheSameSeriesForTheSameLabels() {
        let registry = MetricsRegistry()
        for order in [[("a", "1"), ("b", "2")], [("b", "2"), ("a", "1")]] {
            Counter(label: "n", dimensions: order, factory: registry).increment()
        }
        #expect(registry.prometheusText().contains(#"n_total{a="1",b="2"} 2"#))
    }

    @Test func boundsItsSeries() {
        let registry = MetricsRegistry(seriesLimit: 10)
        for index in 0..<100 { Counter(label: "n", dimensions: [("i", "\(index)")], factory: registry).increment() }
        let lines = registry.prometheusText().split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("n_total{") } == 10)
        #expect(lines.contains("tributary_metrics_dropped_series 90"))
    }

    @Test func keepsKindsApart() {
        let registry = MetricsRegistry()
        Gauge(label: "n_total", factory: registry).record(5)
        Counter(label: "n", factory: registry).increment()
        #expect(registry.prometheusText().contains("n_total 5\n"))
    }
}
