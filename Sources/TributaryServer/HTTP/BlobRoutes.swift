import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOPosix
import TributaryCore
import TributaryStore
import TributaryWire

/// Downloads of models and updates by digest. What a digest names never changes, so caches may keep it for ever.
struct BlobRoutes: Sendable {
    let calls: any ServerCalls
    let store: any BlobStore
    let pool: NIOThreadPool
    let settings: HTTPSettings
    let metrics: HTTPMetrics
    let differences: ModelDifferences

    /// The answer to `GET` or `HEAD` of a blob.
    func respond(to request: ServerRequest, digest: BlobDigest) async throws -> Response {
        guard request.method == .get || request.method == .head else {
            return .wrongMethod(request, allowed: "GET, HEAD")
        }
        try await calls.authorizeDownload(of: digest, by: request.caller)
        let reader = try await pool.runIfActive(eventLoop: request.eventLoop) { [store] in
            try store.open(digest)
        }.get()
        guard let reader else { throw ConnectError(.notFound, "blob \(digest): is not here") }
        var fields: HTTPFields = [
            .acceptRanges: "bytes", .eTag: "\"\(digest)\"", .cacheControl: "private, max-age=31536000, immutable",
            .contentType: "application/octet-stream",
        ]
        let tag = "\"\(digest)\""
        if let known = request.header(.ifNoneMatch), Self.names(known, tag) {
            return Response(status: .notModified, headers: fields)
        }
        if let answer = try await difference(request, digest, reader, fields) { return answer }
        let range = Self.range(request, tag: tag, byteCount: reader.byteCount)
        switch range {
        case .unsatisfiable:
            throw HTTPFailure(
                .outOfRange, "header Range: blob \(digest) has \(reader.byteCount) bytes",
                status: .rangeNotSatisfiable, [.contentRange: "bytes */\(reader.byteCount)"])
        case .whole:
            return try await answer(request, .ok, reader, 0..<reader.byteCount, fields)
        case .part(let part):
            fields[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(reader.byteCount)"
            return try await answer(request, .partialContent, reader, part, fields)
        }
    }

    /// The answer to a caller that has another model and may have the difference to that; nil: it gets the whole.
    private func difference(
        _ request: ServerRequest, _ digest: BlobDigest, _ reader: any BlobReader, _ fields: HTTPFields
    ) async throws -> Response? {
        // Whoever wants a part has the beginning of the whole.
        guard request.header(.range) == nil, let name = request.parameter(ModelDeltaAnswer.parameter),
            let base = BlobDigest(rawValue: String(name)),
            let encoding = await calls.differenceEncoding(of: digest, to: base, for: request.caller)
        else { return nil }
        let pair = ModelDifferences.Pair(new: digest, old: base)
        guard let bytes = await differences.bytes(of: pair, reader, encoding, on: request.eventLoop) else {
            return nil
        }
        var fields = fields
        fields[.acceptRanges] = nil
        fields[.contentType] = ModelDeltaAnswer.contentType
        fields[.instanceManipulation] = ModelDeltaAnswer.manipulation
        fields[.deltaBase] = "\"\(base)\""
        if request.method == .get { metrics.savedByDifference(reader.byteCount - bytes.count) }
        let status = HTTPResponse.Status(code: ModelDeltaAnswer.status, reasonPhrase: "IM Used")
        return try await answer(request, status, MemoryReader(bytes: bytes), 0..<bytes.count, fields)
    }

    private func answer(
        _ request: ServerRequest, _ status: HTTPResponse.Status, _ reader: any BlobReader, _ range: Range<Int>,
        _ fields: HTTPFields
    ) async throws -> Response {
        if request.method == .head {
            var fields = fields
            fields[.contentLength] = String(range.count)
            return Response(status: status, headers: fields)
        }
        let streamed = StreamedBody(
            reader: reader, range: range, chunkByteCount: settings.limits.chunkByteCount, pool: pool,
            timeouts: settings.timeouts, metrics: metrics)
        return Response(status: status, headers: fields, body: try await streamed.body(for: request))
    }

    /// The range asked for. With `If-Range`, only if what the caller has a part of is this very blob.
    private static func range(_ request: ServerRequest, tag: String, byteCount: Int) -> ByteRange {
        if let condition = request.header(.ifRange), condition != tag { return .whole }
        return ByteRange(request.header(.range), byteCount: byteCount)
    }

    /// Whether a header `If-None-Match` names the tag.
    private static func names(_ header: String, _ tag: String) -> Bool {
        header.split(separator: ",").contains { item in
            let item = item.drop { $0 == " " || $0 == "\t" }
            let bare = item.hasPrefix("W/") ? item.dropFirst(2) : item
            return bare.prefix(tag.count) == tag || bare.first == "*"
        }
    }
}
