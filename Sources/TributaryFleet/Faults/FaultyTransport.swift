import TributaryClient
import TributaryCore
import TributaryWire

/// A client's way to the server with what befalls it: silence, lost answers, cut and slow transfers, and updates that are
/// none. Whatever gets through goes over the real wire.
struct FaultyTransport: ClientTransport {
    private let life: ClientLife
    private let line: MeasuredTransport

    init(life: ClientLife) {
        self.life = life
        let (client, resources) = (life.client, life.client.resources)
        line = MeasuredTransport(
            client: client.index, connections: resources.connections, statistics: resources.statistics)
    }

    var server: String { line.server }

    func call(_ call: TransportCall) async throws -> TransportAnswer {
        try await life.awaken()
        guard ConnectMethod(path: call.path) == .submit else { return try await line.call(call) }
        var call = call
        if let tampered = life.tampered { call.body = try tampered.rename(call.body) }
        let answer = try await line.call(call)
        if answer.status == 200, life.losesAnswer() {
            throw ClientError(.timedOut, "\(server): no answer in time", failure: .transient(nil))
        }
        return answer
    }

    func download(
        _ digest: BlobDigest, from offset: Int, credential: String, into receiver: any DownloadReceiver
    ) async throws -> TransportAnswer {
        try await life.awaken()
        let shape = life.client.nextShape(byteCount: life.modelByteCount - offset)
        if shape.isPlain {
            return try await line.download(digest, from: offset, credential: credential, into: receiver)
        }
        return try await suffering(shape) {
            try await line.download(
                digest, from: offset, credential: credential,
                into: ShapedReceiver(receiver: receiver, shape: shape, server: server))
        }
    }

    func download(
        _ digest: BlobDigest, basedOn base: BlobDigest, credential: String, into receiver: any DownloadReceiver,
        difference: any DownloadReceiver
    ) async throws -> TransportAnswer {
        try await life.awaken()
        let shape = life.client.nextShape(byteCount: life.modelByteCount)
        if shape.isPlain {
            return try await line.download(
                digest, basedOn: base, credential: credential, into: receiver, difference: difference)
        }
        return try await suffering(shape) {
            try await line.download(
                digest, basedOn: base, credential: credential,
                into: ShapedReceiver(receiver: receiver, shape: shape, server: server),
                difference: ShapedReceiver(receiver: difference, shape: shape, server: server))
        }
    }

    func uploadState(of digest: BlobDigest, credential: String) async throws -> TransportAnswer {
        try await life.awaken()
        return try await line.uploadState(of: life.tampered?.digest ?? digest, credential: credential)
    }

    func upload(
        _ digest: BlobDigest, from offset: Int, of content: any UpdateContent, credential: String
    ) async throws -> TransportAnswer {
        try await life.awaken()
        let tampered = try await life.uploadBegins(content)
        let content: any UpdateContent = tampered ?? content
        let digest = tampered?.digest ?? digest
        // What the server has of an update that is none may end elsewhere than the client believes.
        let offset = min(offset, content.byteCount)
        let shape = life.client.nextShape(byteCount: content.byteCount - offset)
        let answer: TransportAnswer
        if shape.isPlain {
            answer = try await line.upload(digest, from: offset, of: content, credential: credential)
        } else {
            let shaped = ShapedContent(content: content, shape: shape, server: server)
            answer = try await suffering(shape) {
                try await line.upload(digest, from: offset, of: shaped, credential: credential)
            }
        }
        return answer
    }

    /// Whatever a cut looks like to the library that carries the bytes, it is a broken connection.
    private func suffering(
        _ shape: TransferShape, _ transfer: () async throws -> TransportAnswer
    ) async throws -> TransportAnswer {
        do {
            let answer = try await transfer()
            return answer
        } catch {
            try Task.checkCancellation()
            guard shape.isCut else { throw error }
            life.client.resources.statistics.played(.cut)
            throw shape.failure(server)
        }
    }
}
