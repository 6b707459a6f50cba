import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOPosix
import TributaryCore
import TributaryStore
import TributaryWire

/// Uploads of models and updates by digest, which can be gone on with after a break: the head of `common.proto` says how.
struct UploadRoutes: Sendable {
    let calls: any ServerCalls
    let store: any BlobStore
    let pool: NIOThreadPool
    let settings: HTTPSettings
    let metrics: HTTPMetrics
    let slots: UploadSlots

    /// The answer to `HEAD`, `PATCH` or `PUT` of an upload.
    func respond(to request: ServerRequest, digest: BlobDigest) async throws -> Response {
        switch request.method {
        case .head: return try await state(request, digest)
        case .patch, .put: break
        default: return .wrongMethod(request, allowed: "HEAD, PATCH, PUT")
        }
        if let encoding = request.header(.contentEncoding), encoding.lowercased() != "identity" {
            throw HTTPFailure(
                .unimplemented, "header Content-Encoding: an upload's bytes are sent as they are, without one",
                status: .unsupportedMediaType, [.acceptEncoding: "identity"])
        }
        let plan = try Plan(request, digest, limit: settings.limits.blobByteCount)
        let client = try await calls.authorizeUpload(of: digest, byteCount: plan.byteCount, by: request.caller)
        try slots.take(for: client)
        metrics.uploads(slots.taken)
        defer {
            slots.giveBack(by: client)
            metrics.uploads(slots.taken)
        }
        let upload = UploadID(client: client, digest: digest)
        let clock = TransferClock(settings.timeouts) { request.signal.fire($0) }
        return try await clock.watch(on: request.eventLoop) {
            try await receive(request, plan, upload, clock)
        }
    }

    private func state(_ request: ServerRequest, _ digest: BlobDigest) async throws -> Response {
        let client = try await calls.authorizeUpload(of: digest, byteCount: nil, by: request.caller)
        let offset = try await blocking(request) { store -> Int? in
            if try store.confirm(digest), let byteCount = try store.byteCount(of: digest) { return byteCount }
            return try store.uploadOffset(UploadID(client: client, digest: digest))
        }
        guard let offset else { throw ConnectError(.notFound, "upload \(digest): nothing of it is here") }
        return Response(
            status: .ok, headers: [.uploadOffset: String(offset), .cacheControl: "no-store", .contentLength: "0"])
    }

    private func receive(
        _ request: ServerRequest, _ plan: Plan, _ upload: UploadID, _ clock: TransferClock
    ) async throws -> Response {
        let stored = try await blocking(request) { store in
            try store.confirm(upload.digest) ? store.byteCount(of: upload.digest) : nil
        }
        if let stored {
            // It came before, and the sender has not heard of it, but relies on it from here on.
            try await discard(request, clock)
            return created(stored)
        }
        let writer = try await open(request, plan, upload)
        guard writer.value.offset == plan.offset else {
            let offset = writer.value.offset
            try await blocking(request) { _ in writer.value.suspend() }
            throw Self.conflict(upload, offset)
        }
        do {
            try await append(request, plan, writer, clock)
        } catch {
            // What arrived is kept.
            try? await blocking(request) { _ in writer.value.suspend() }
            throw error
        }
        let (end, offset) = try await blocking(request) { _ in
            let end = try writer.value.finish()
            let offset = writer.value.offset
            if end == .incomplete { writer.value.suspend() }
            return (end, offset)
        }
        switch end {
        case .stored: return created(plan.byteCount)
        case .incomplete: return Response(status: .noContent, headers: [.uploadOffset: String(offset)])
        case .wrongDigest:
            throw HTTPFailure(
                .invalidArgument, "upload \(upload.digest): the bytes have another digest; begin again",
                status: .unprocessableContent)
        }
    }

    private func open(
        _ request: ServerRequest, _ plan: Plan, _ upload: UploadID
    ) async throws -> Exclusive<any UploadWriter> {
        do {
            return try await blocking(request) { store in
                if plan.isWhole { try store.discardUpload(upload) }
                return Exclusive(value: try store.openUpload(upload, byteCount: plan.byteCount))
            }
        } catch let error as StoreError where error.code == .conflict {
            // It was begun with another length: one of the two was wrong, and nobody knows which.
            try await blocking(request) { try $0.discardUpload(upload) }
            throw Self.conflict(upload, 0)
        }
    }

    /// Gathers bytes and writes them in large pieces: a disk takes its time for each call.
    private func append(
        _ request: ServerRequest, _ plan: Plan, _ writer: Exclusive<any UploadWriter>, _ clock: TransferClock
    ) async throws {
        var gathered: [ByteBuffer] = []
        var gatheredByteCount = 0
        var left = plan.byteCount - plan.offset
        func flush() async throws {
            let pieces = gathered
            gathered.removeAll(keepingCapacity: true)
            gatheredByteCount = 0
            try await blocking(request) { _ in
                for piece in pieces {
                    try piece.withUnsafeReadableBytes { bytes in try writer.value.append(bytes) }
                }
            }
        }
        do {
            while let bytes = try await next(request, clock) {
                guard bytes.readableBytes <= left else {
                    throw ConnectError(
                        .invalidArgument, "header Upload-Length: more bytes come than the \(plan.byteCount) announced")
                }
                left -= bytes.readableBytes
                gatheredByteCount += bytes.readableBytes
                gathered.append(bytes)
                if gatheredByteCount >= settings.limits.chunkByteCount || gathered.count >= 64 { try await flush() }
            }
        } catch {
            try await flush()
            throw error
        }
        try await flush()
    }

    private func discard(_ request: ServerRequest, _ clock: TransferClock) async throws {
        while try await next(request, clock) != nil {}
    }

    private func next(_ request: ServerRequest, _ clock: TransferClock) async throws -> ByteBuffer? {
        clock.waiting()
        let bytes = try await request.body.nextBytes()
        clock.moved(bytes?.readableBytes ?? 0)
        metrics.received(bytes?.readableBytes ?? 0)
        return bytes
    }

    /// Runs on a thread that may block; also when the request is cancelled, so that nothing stays half done.
    private func blocking<Value: Sendable>(
        _ request: ServerRequest, _ body: @escaping @Sendable (any BlobStore) throws -> Value
    ) async throws -> Value {
        try await pool.runIfActive(eventLoop: request.eventLoop) { [store] in try body(store) }.get()
    }

    private func created(_ byteCount: Int) -> Response {
        Response(status: .created, headers: [.uploadOffset: String(byteCount)])
    }

    private static func conflict(_ upload: UploadID, _ offset: Int) -> HTTPFailure {
        HTTPFailure(
            .aborted, "upload \(upload.digest): goes on at byte \(offset)", status: .conflict,
            [.uploadOffset: String(offset)])
    }
}

extension UploadRoutes {
    /// What a request says of the bytes it brings.
    private struct Plan: Sendable {
        var offset = 0
        var byteCount: Int
        /// Whether the bytes are all there are.
        var isWhole: Bool

        init(_ request: ServerRequest, _ digest: BlobDigest, limit: Int) throws {
            isWhole = request.method == .put
            let announced = ConnectHeader.byteCount(request.header(.uploadLength))
            let contained = ConnectHeader.byteCount(request.header(.contentLength))
            if isWhole {
                guard let byteCount = announced ?? contained else {
                    throw HTTPFailure(
                        .invalidArgument, "header Content-Length or Upload-Length: is needed", status: .lengthRequired)
                }
                self.byteCount = byteCount
            } else {
                guard let byteCount = announced else {
                    throw ConnectError(.invalidArgument, "header Upload-Length: must be the number of bytes in all")
                }
                guard let offset = ConnectHeader.byteCount(request.header(.uploadOffset)), offset <= byteCount else {
                    throw ConnectError(.invalidArgument, "header Upload-Offset: must be where the bytes begin")
                }
                self.byteCount = byteCount
                self.offset = offset
            }
            guard byteCount <= limit else {
                throw HTTPFailure(
                    .resourceExhausted, "upload \(digest): \(byteCount) bytes are more than the \(limit) taken",
                    status: .contentTooLarge)
            }
            if let contained, contained > byteCount - offset {
                throw ConnectError(.invalidArgument, "header Upload-Length: the body goes beyond it")
            }
        }
    }
}

/// Something that is used by one thread at a time.
///
/// Unchecked: whoever holds it waits for each use to end before the next.
struct Exclusive<Value>: @unchecked Sendable {
    let value: Value
}
