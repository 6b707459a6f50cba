import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
public import TributaryCore
import TributaryWire

extension AsyncHTTPTransport {
    /// The longest answer to a call that is read.
    private static let answerLimit = 16 << 20

    /// Posts a call.
    public func call(_ call: TransportCall) async throws -> TransportAnswer {
        var request = request(call.path, .POST, credential: call.credential)
        request.headers.add(name: "Content-Type", value: ConnectContentType.proto.header)
        request.headers.add(name: ConnectHeader.protocolVersion, value: "1")
        request.headers.add(name: ConnectHeader.timeout, value: ConnectHeader.timeoutValue(call.timeout))
        request.body = .bytes(ByteBuffer(bytes: call.body))
        return try await exchange(request, deadline: .now() + TimeAmount(call.timeout))
    }

    /// Fetches a blob.
    public func download(
        _ digest: BlobDigest, from offset: Int, credential: String, into receiver: any DownloadReceiver
    ) async throws -> TransportAnswer {
        var request = request("/v1/blobs/\(digest.rawValue)", .GET, credential: credential)
        if offset > 0 { request.headers.add(name: "Range", value: "bytes=\(offset)-") }
        return try await named { http in
            let response = try await http.execute(request, deadline: .distantFuture)
            let type = response.headers.first(name: "Content-Type")
            guard BlobContentType.isDeclared(by: type) else { return try await Self.answer(response) }
            switch response.status.code {
            case 200: try receiver.begin(at: 0)
            case 206: try receiver.begin(at: Self.start(of: response.headers.first(name: "Content-Range")) ?? offset)
            default: return try await Self.answer(response)
            }
            return try await Self.pass(response, type, to: receiver)
        }
    }

    /// Fetches a blob, or its difference to another.
    public func download(
        _ digest: BlobDigest, basedOn base: BlobDigest, credential: String, into receiver: any DownloadReceiver,
        difference: any DownloadReceiver
    ) async throws -> TransportAnswer {
        let query = "?\(ModelDeltaAnswer.parameter)=\(base.rawValue)"
        let request = request("/v1/blobs/\(digest.rawValue)\(query)", .GET, credential: credential)
        return try await named { http in
            let response = try await http.execute(request, deadline: .distantFuture)
            let type = response.headers.first(name: "Content-Type")
            let target: any DownloadReceiver
            switch Int(response.status.code) {
            case ModelDeltaAnswer.status where ModelDeltaAnswer.isDeclared(by: type): target = difference
            case 200 where BlobContentType.isDeclared(by: type): target = receiver
            default: return try await Self.answer(response)
            }
            try target.begin(at: 0)
            return try await Self.pass(response, type, to: target)
        }
    }

    private static func pass(
        _ response: HTTPClientResponse, _ type: String?, to receiver: any DownloadReceiver
    ) async throws -> TransportAnswer {
        for try await chunk in response.body {
            try await receiver.makeRoom()
            try chunk.withUnsafeReadableBytes { try receiver.receive($0) }
        }
        return TransportAnswer(status: Int(response.status.code), contentType: type)
    }

    /// Asks for an upload's offset.
    public func uploadState(of digest: BlobDigest, credential: String) async throws -> TransportAnswer {
        let request = request("/v1/uploads/\(digest.rawValue)", .HEAD, credential: credential)
        return try await exchange(request, deadline: .now() + TimeAmount(timeouts.call))
    }

    /// Sends an upload.
    public func upload(
        _ digest: BlobDigest, from offset: Int, of content: any UpdateContent, credential: String
    ) async throws -> TransportAnswer {
        var request = request("/v1/uploads/\(digest.rawValue)", .PATCH, credential: credential)
        request.headers.add(name: "Content-Type", value: BlobContentType.header)
        request.headers.add(name: ConnectHeader.uploadOffset, value: "\(offset)")
        request.headers.add(name: ConnectHeader.uploadLength, value: "\(content.byteCount)")
        request.body = .stream(
            UploadBody(content: content, offset: offset), length: .known(Int64(content.byteCount - offset)))
        return try await exchange(request, deadline: .distantFuture)
    }

    private func request(_ path: String, _ method: HTTPMethod, credential: String?) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        request.headers.add(name: "User-Agent", value: "tributary-client")
        if let credential { request.headers.add(name: "Authorization", value: "Bearer \(credential)") }
        return request
    }

    private func exchange(_ request: HTTPClientRequest, deadline: NIODeadline) async throws -> TransportAnswer {
        try await named { try await Self.answer(try await $0.execute(request, deadline: deadline)) }
    }

    private static func answer(_ response: HTTPClientResponse) async throws -> TransportAnswer {
        let body = try await response.body.collect(upTo: answerLimit)
        let headers = response.headers
        return TransportAnswer(
            status: Int(response.status.code), contentType: headers.first(name: "Content-Type"),
            body: Array(body.readableBytesView),
            retryAfter: headers.first(name: ConnectHeader.retryAfter),
            retryWindow: headers.first(name: ConnectHeader.retryWindow),
            uploadOffset: headers.first(name: ConnectHeader.uploadOffset))
    }

    /// Where `bytes 100-199/200` starts.
    private static func start(of range: String?) -> Int? {
        guard let range, range.hasPrefix("bytes ") else { return nil }
        return ConnectHeader.byteCount(String(range.dropFirst(6).prefix { $0 != "-" }))
    }

    /// Names what went wrong on the way in the client's terms.
    private func named<Value: Sendable>(_ exchange: (HTTPClient) async throws -> Value) async throws -> Value {
        try await connections.use { http in
            do {
                return try await exchange(http)
            } catch let error as ClientError {
                throw error
            } catch {
                try Task.checkCancellation()
                throw ClientError(transport: error, server: server, timeouts)
            }
        }
    }
}
