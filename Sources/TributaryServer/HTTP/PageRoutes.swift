import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOPosix
import TributaryCore
import TributaryStore
import TributaryWire

/// What people and their monitors look at: whether the server is well, its metrics, the reports of runs.
struct PageRoutes: Sendable {
    let calls: any ServerCalls
    let settings: HTTPSettings
    let pool: NIOThreadPool
    let metrics: HTTPMetrics
    let registry: MetricsRegistry?
    let isDraining: @Sendable () -> Bool

    /// Whether the process is alive.
    func health() -> Response { .text("ok\n") }

    /// Whether the server takes calls.
    func readiness(_ request: ServerRequest) async -> Response {
        let caller = Caller(credential: nil, peer: request.peer.address)
        let answer = try? await calls.checkHealth(WireHealthCheckRequest(), from: caller)
        let isReady = answer?.isReady == true && !isDraining()
        return isReady ? .text("ready\n") : .text("not ready\n", status: .serviceUnavailable)
    }

    /// The metrics in Prometheus's text format.
    func metricsPage(_ request: ServerRequest) async throws -> Response {
        guard let registry else { throw ConnectError(.notFound, "/metrics: is switched off") }
        let caller = request.pageCaller
        let shown = caller.credential ?? ""
        let isScraper = settings.metricsToken.map { SharedSecret($0.value).isSame(as: shown) } ?? false
        if !isScraper, !(request.peer.isLoopback && settings.servesMetricsToLoopback) {
            try await calls.authorizeOperator(caller)
        }
        return .text(registry.prometheusText(), type: "text/plain; version=0.0.4; charset=utf-8")
    }

    /// A file of a run's report: one of few names in the folder of a run's name, nothing else.
    func report(_ request: ServerRequest, run: String, file: String) async throws -> Response {
        do {
            try await calls.authorizeOperator(request.pageCaller)
        } catch let error as ConnectError where error.code == .unauthenticated {
            return .failure(error, [.wwwAuthenticate: "Basic realm=\"tributary\", charset=\"UTF-8\""])
        }
        guard let folder = settings.reportsFolder, let run = RunID(rawValue: run), let type = Self.types[file] else {
            throw ConnectError(.notFound, "there is no such report")
        }
        let path = "\(folder)/\(run.rawValue)/\(file)"
        let reader = try await pool.runIfActive(eventLoop: request.eventLoop) { try FileReader(path: path) }.get()
        guard let reader else { throw ConnectError(.notFound, "\(run): has no \(file) yet") }
        let streamed = StreamedBody(
            reader: reader, range: 0..<reader.byteCount, chunkByteCount: settings.limits.chunkByteCount, pool: pool,
            timeouts: settings.timeouts, metrics: metrics)
        // A report shows what a run's plan says: no page of another origin is to read it or to frame it.
        let fields: HTTPFields = [
            .contentType: type, .cacheControl: "private, no-cache", .xContentTypeOptions: "nosniff",
            .contentSecurityPolicy:
                "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'unsafe-inline'; frame-ancestors 'none'",
        ]
        if request.method == .head {
            var fields = fields
            fields[.contentLength] = String(reader.byteCount)
            return Response(status: .ok, headers: fields)
        }
        return Response(status: .ok, headers: fields, body: try await streamed.body(for: request))
    }

    private static let types = [
        "report.html": "text/html; charset=utf-8", "rounds.csv": "text/csv; charset=utf-8",
        "rounds.jsonl": "application/jsonl", "run.json": "application/json",
        "model.safetensors": "application/octet-stream",
    ]
}
