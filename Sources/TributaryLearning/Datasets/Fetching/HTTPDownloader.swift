import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Downloads over HTTP and HTTPS with Foundation's URL loading; proxies come from the environment.
public struct HTTPDownloader: Downloader {
    private let idleLimit: Double

    /// A downloader that gives up when nothing has arrived for `idleLimit` seconds.
    public init(idleLimit: Double = 30) {
        self.idleLimit = idleLimit
    }

    /// Gets the bytes of `url` from `offset` on; status 200 and 206 are understood, redirects are followed.
    public func download(
        _ url: String, from offset: Int,
        receive: @escaping @Sendable (DownloadEvent) throws(DatasetError) -> Void
    ) async throws(DatasetError) {
        guard let address = URL(string: url) else { throw .badRequest("“\(url)” is not an address") }
        let transfer = Transfer(offset: offset, receive: receive)
        let outcome = await run(transfer, address)
        if offset > 0, transfer.rangeWasRefused {
            return try await run(Transfer(offset: 0, receive: receive), address).get()
        }
        try outcome.get()
    }

    private func run(_ transfer: Transfer, _ address: URL) async -> Result<Void, DatasetError> {
        var request = URLRequest(url: address, cachePolicy: .reloadIgnoringLocalCacheData)
        request.timeoutInterval = idleLimit
        // The file is wanted as it lies on the server; offsets into a recoded body would mean nothing.
        request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
        if transfer.offset > 0 { request.setValue("bytes=\(transfer.offset)-", forHTTPHeaderField: "Range") }
        let session = URLSession(configuration: .ephemeral, delegate: transfer, delegateQueue: nil)
        defer { session.invalidateAndCancel() }
        let task = session.dataTask(with: request)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                transfer.start { continuation.resume(returning: $0) }
                task.resume()
            }
        } onCancel: {
            task.cancel()
        }
    }
}

/// Follows one download. The session's delegate queue is serial, so calls come one at a time.
private final class Transfer: NSObject, URLSessionDataDelegate {
    private struct State {
        var failure: DatasetError?
        var rangeWasRefused = false
        var finish: (@Sendable (Result<Void, DatasetError>) -> Void)?
    }

    let offset: Int
    private let receive: @Sendable (DownloadEvent) throws(DatasetError) -> Void
    private let state = Mutex(State())

    init(offset: Int, receive: @escaping @Sendable (DownloadEvent) throws(DatasetError) -> Void) {
        self.offset = offset
        self.receive = receive
    }

    /// Whether the server has nothing at the offset asked for (status 416).
    var rangeWasRefused: Bool { state.withLock { $0.rangeWasRefused } }

    func start(_ finish: @escaping @Sendable (Result<Void, DatasetError>) -> Void) {
        state.withLock { $0.finish = finish }
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        if (response as? HTTPURLResponse)?.statusCode == 416 { state.withLock { $0.rangeWasRefused = true } }
        do throws(DatasetError) {
            try receive(try Self.begin(response, asked: offset))
            completionHandler(.allow)
        } catch {
            fail(error)
            completionHandler(.cancel)
        }
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        if state.withLock({ $0.failure != nil }) { return }
        do throws(DatasetError) {
            try receive(.bytes(Array(data)))
        } catch {
            fail(error)
            dataTask.cancel()
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let (failure, finish) = state.withLock { state in
            defer { state.finish = nil }
            return (state.failure, state.finish)
        }
        if let failure {
            finish?(.failure(failure))
        } else if let error {
            finish?(.failure(DatasetError(.inputOutput, error.localizedDescription.quotable(limit: 120))))
        } else {
            finish?(.success(()))
        }
    }

    private func fail(_ error: DatasetError) {
        state.withLock { $0.failure = $0.failure ?? error }
    }

    /// Where the answer's bytes start and how long the whole file is.
    private static func begin(_ response: URLResponse, asked: Int) throws(DatasetError) -> DownloadEvent {
        guard let http = response as? HTTPURLResponse else {
            throw DatasetError(.inputOutput, "the answer is not HTTP")
        }
        let length = response.expectedContentLength >= 0 ? Int(response.expectedContentLength) : nil
        switch http.statusCode {
        case 200: return .response(offset: 0, total: length)
        case 206:
            // Content-Range: bytes 100-199/200
            let range = (http.value(forHTTPHeaderField: "Content-Range") ?? "").drop { !$0.isNumber }
            guard let start = Int(range.prefix { $0.isNumber }) else {
                throw DatasetError(.inputOutput, "the server sent a part without saying which")
            }
            let total = range.firstIndex(of: "/").flatMap { Int(range[range.index(after: $0)...]) }
            return .response(offset: start, total: total ?? length.map { start + $0 })
        default: throw DatasetError(.inputOutput, "the server answered with status \(http.statusCode)")
        }
    }
}
