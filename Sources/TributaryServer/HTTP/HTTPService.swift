import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import TributaryCore
import TributaryStore
import TributaryWire

/// Answers requests: finds out what they are for, has it done, and makes an answer of every failure.
struct HTTPService: Responder {
    let calls: CallRoutes
    let blobs: BlobRoutes
    let uploads: UploadRoutes
    let pages: PageRoutes
    let metrics: HTTPMetrics
    let logger: Logger

    func respond(to request: ServerRequest) async -> Response {
        let start = NIODeadline.now()
        let route = Route(request.path)
        var response: Response
        do {
            response = try await respond(to: request, route)
        } catch {
            response = failure(error, request)
        }
        // An error's body is not part of an answer to HEAD, its length is.
        let elapsed = NIODeadline.now() - start
        metrics.answered(route.name, request.method, response.status, after: elapsed)
        log(request, route, response, elapsed)
        return response
    }

    private func respond(to request: ServerRequest, _ route: Route) async throws -> Response {
        switch route {
        case .call(let method): return try await calls.respond(to: request, method: method)
        case .blob(let digest): return try await blobs.respond(to: request, digest: digest)
        case .upload(let digest): return try await uploads.respond(to: request, digest: digest)
        case .unknownCall where request.method == .post: return CallRoutes.unknownCall(request)
        case .unknownCall, .none: throw ConnectError(.notFound, "there is nothing at this path")
        case .health, .readiness, .metrics, .report: break
        }
        guard request.method == .get || request.method == .head else {
            return .wrongMethod(request, allowed: "GET, HEAD")
        }
        switch route {
        case .readiness: return await pages.readiness(request)
        case .metrics: return try await pages.metricsPage(request)
        case .report(let run, let file): return try await pages.report(request, run: run, file: file)
        default: return pages.health()
        }
    }

    /// What a caller is told of a failure: everything of those that are meant for them, nothing of the others.
    private func failure(_ error: any Error, _ request: ServerRequest) -> Response {
        switch request.signal.reason {
        case .deadline?:
            return .failure(ConnectError(.deadlineExceeded, "was not done within the \(ConnectHeader.timeout) given"))
        case .overdue?:
            return .failure(
                ConnectError(
                    .deadlineExceeded, "the message did not come within the time that the server waits for one"),
                status: .requestTimeout)
        case .stalled?:
            return .failure(ConnectError(.aborted, "no bytes came for a while"), status: .requestTimeout)
        case .tooSlow?:
            return .failure(ConnectError(.aborted, "the bytes came too slowly"), status: .requestTimeout)
        case .disconnected?:
            return .failure(ConnectError(.canceled, "the connection ended"))
        case nil:
            break
        }
        switch error {
        case let error as ConnectError: return .failure(error)
        case let error as HTTPFailure: return .failure(error.error, status: error.status, error.fields)
        case let error as StoreError: return failure(error, request)
        case is BodyError: return .failure(ConnectError(.canceled, "the body was cut off"), status: .badRequest)
        case is CancellationError: return .failure(ConnectError(.unavailable, "the server shuts down: come back"))
        case is ChannelError, is IOError, is HTTPParserError:
            return .failure(ConnectError(.canceled, "the connection ended"))
        default: return hidden(error, request)
        }
    }

    private func failure(_ error: StoreError, _ request: ServerRequest) -> Response {
        let soon = RetryWindow(earliest: .seconds(5), latest: .seconds(30))
        switch error.code {
        case .full:
            logger.error("the store is full", metadata: ["request": "\(request.id)", "error": "\(error)"])
            let full = ConnectError(.resourceExhausted, "the server has no room left: come back", retry: soon)
            return .failure(full, status: .insufficientStorage)
        case .io:
            logger.error("the store failed", metadata: ["request": "\(request.id)", "error": "\(error)"])
            return .failure(ConnectError(.unavailable, "the server's disk failed: come back", retry: soon))
        case .closed, .conflict:
            return .failure(ConnectError(.aborted, "another request for the same took over"))
        case .damaged, .unusable:
            return hidden(error, request, as: error.code == .damaged ? .dataLoss : .internal)
        }
    }

    private func hidden(
        _ error: any Error, _ request: ServerRequest, as code: ConnectCode = .internal
    ) -> Response {
        logger.error("request failed", metadata: ["request": "\(request.id)", "error": "\(String(reflecting: error))"])
        return .failure(ConnectError(code, "a fault of the server's: its log says more of request \(request.id)"))
    }

    /// Neither queries nor header fields, which may hold secrets, nor anything of a body.
    private func log(_ request: ServerRequest, _ route: Route, _ response: Response, _ elapsed: TimeAmount) {
        let level: Logger.Level = response.status.code >= 500 ? .warning : response.status.code >= 400 ? .info : .debug
        guard level >= logger.logLevel else { return }
        var metadata: Logger.Metadata = [
            "request": "\(request.id)", "peer": "\(request.peer.address)", "method": "\(request.method.rawValue)",
            "path": "\(route.name)", "status": "\(response.status.code)",
            "ms": "\(elapsed.nanoseconds / 1_000_000)", "received": "\(request.body.receivedByteCount)",
        ]
        metadata["caller"] = calls.calls.name(of: request.caller).map { "\($0)" }
        metadata["blob"] = route.blob.map { "\($0)" }
        logger.log(level: level, "request", metadata: metadata)
    }
}
