import CoreMetrics
import HTTPTypes
import NIOCore
import Synchronization

/// What the network side counts. Without a registry it counts nothing.
struct HTTPMetrics: Sendable {
    private let factory: MetricsRegistry?
    private let openConnections: Gauge?
    private let activeUploads: Gauge?
    private let receivedBytes: Counter?
    private let sentBytes: Counter?
    private let savedBytes: Counter?
    private let sentDifferences: Counter?
    private let instruments = InstrumentCache()

    init(_ factory: MetricsRegistry?) {
        self.factory = factory
        openConnections = factory.map { Gauge(label: "tributary_http_open_connections", factory: $0) }
        activeUploads = factory.map { Gauge(label: "tributary_http_active_uploads", factory: $0) }
        receivedBytes = factory.map { Counter(label: "tributary_http_received_bytes", factory: $0) }
        sentBytes = factory.map { Counter(label: "tributary_http_sent_bytes", factory: $0) }
        savedBytes = factory.map { Counter(label: "tributary_http_saved_bytes", factory: $0) }
        sentDifferences = factory.map { Counter(label: "tributary_http_model_deltas", factory: $0) }
    }

    func connections(_ count: Int) {
        openConnections?.record(count)
    }

    func uploads(_ count: Int) {
        activeUploads?.record(count)
    }

    /// Bytes of an upload have come.
    func received(_ byteCount: Int) {
        receivedBytes?.increment(by: byteCount)
    }

    /// Bytes of a download have gone.
    func sent(_ byteCount: Int) {
        sentBytes?.increment(by: byteCount)
    }

    /// A model goes out as a difference, which is so many bytes shorter.
    func savedByDifference(_ byteCount: Int) {
        savedBytes?.increment(by: byteCount)
        sentDifferences?.increment()
    }

    /// An answer is ready. The names of routes are few, and so are methods and statuses: the number of series is bounded.
    func answered(
        _ route: String, _ method: HTTPRequest.Method, _ status: HTTPResponse.Status, after elapsed: TimeAmount
    ) {
        guard let factory else { return }
        let method = Self.methods.contains(method) ? method.rawValue : "other"
        instruments.counter("\(route) \(method) \(status.code)") {
            Counter(
                label: "tributary_http_requests",
                dimensions: [("route", route), ("method", method), ("code", "\(status.code)")], factory: factory)
        }.increment()
        instruments.timer(route) {
            Timer(label: "tributary_http_request_duration", dimensions: [("route", route)], factory: factory)
        }.recordNanoseconds(elapsed.nanoseconds)
    }

    private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch]
}

/// Instruments by name, so that a request costs a look-up and no allocation.
private final class InstrumentCache: Sendable {
    private let counters = Mutex<[String: Counter]>([:])
    private let timers = Mutex<[String: Timer]>([:])

    func counter(_ name: String, _ make: () -> Counter) -> Counter {
        counters.withLock { counters in
            if let counter = counters[name] { return counter }
            let counter = make()
            counters[name] = counter
            return counter
        }
    }

    func timer(_ name: String, _ make: () -> Timer) -> Timer {
        timers.withLock { timers in
            if let timer = timers[name] { return timer }
            let timer = make()
            timers[name] = timer
            return timer
        }
    }
}
