import TributaryClient
import TributaryCore
import TributaryWire

/// Counts what goes over a client's way to the server.
struct MeasuredTransport: ClientTransport {
    let client: Int
    let connections: any FleetConnections
    let statistics: FleetStatistics

    var server: String { connections.server }

    /// Asked anew for every call: connections come and go.
    private var line: any ClientTransport { connections.transport(for: client) }

    func call(_ call: TransportCall) async throws -> TransportAnswer {
        statistics.sent(call.body.count)
        let answer = try await measured(FleetCall(path: call.path)) { try await line.call(call) }
        statistics.received(answer.body.count)
        return answer
    }

    func download(
        _ digest: BlobDigest, from offset: Int, credential: String, into receiver: any DownloadReceiver
    ) async throws -> TransportAnswer {
        let counting = CountingReceiver(receiver: receiver, statistics: statistics)
        return try await measured(.download) {
            try await line.download(digest, from: offset, credential: credential, into: counting)
        }
    }

    func download(
        _ digest: BlobDigest, basedOn base: BlobDigest, credential: String, into receiver: any DownloadReceiver,
        difference: any DownloadReceiver
    ) async throws -> TransportAnswer {
        let counting = CountingReceiver(receiver: receiver, statistics: statistics)
        let countingDifference = CountingReceiver(receiver: difference, statistics: statistics)
        return try await measured(.download) {
            try await line.download(
                digest, basedOn: base, credential: credential, into: counting, difference: countingDifference)
        }
    }

    func uploadState(of digest: BlobDigest, credential: String) async throws -> TransportAnswer {
        // That nothing of an update is there yet is an answer, not an error.
        try await measured(.uploadState, fine: [404]) {
            try await line.uploadState(of: digest, credential: credential)
        }
    }

    func upload(
        _ digest: BlobDigest, from offset: Int, of content: any UpdateContent, credential: String
    ) async throws -> TransportAnswer {
        let counting = CountingContent(content: content, statistics: statistics)
        return try await measured(.upload) {
            try await line.upload(digest, from: offset, of: counting, credential: credential)
        }
    }

    private func measured(
        _ call: FleetCall, fine: Set<Int> = [], _ exchange: () async throws -> TransportAnswer
    ) async throws -> TransportAnswer {
        let start = ContinuousClock.now
        do {
            let answer = try await exchange()
            let isFine = (200..<300).contains(answer.status) || fine.contains(answer.status)
            statistics.ended(call, after: ContinuousClock.now - start, error: isFine ? nil : Self.code(of: answer))
            return answer
        } catch let error as ClientError {
            statistics.ended(call, after: ContinuousClock.now - start, error: "\(error.kind)")
            throw error
        }
        // A call that its client gave up is not the server's.
    }

    /// Connect's code; of what has no body, as answers to HEAD, the HTTP status.
    private static func code(of answer: TransportAnswer) -> String {
        answer.body.isEmpty ? "http-\(answer.status)" : answer.connectError.code.rawValue
    }
}

private struct CountingReceiver: DownloadReceiver {
    let receiver: any DownloadReceiver
    let statistics: FleetStatistics

    func begin(at offset: Int) throws { try receiver.begin(at: offset) }
    func makeRoom() async throws { try await receiver.makeRoom() }

    func receive(_ bytes: UnsafeRawBufferPointer) throws {
        statistics.received(bytes.count)
        try receiver.receive(bytes)
    }
}

private struct CountingContent: UpdateContent {
    let content: any UpdateContent
    let statistics: FleetStatistics

    var byteCount: Int { content.byteCount }
    func nextPiece(at offset: Int) async throws -> Int { try await content.nextPiece(at: offset) }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
        statistics.sent(buffer.count)
        try content.read(at: offset, into: buffer)
    }
}
