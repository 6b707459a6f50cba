import Crypto
import Foundation
import SwiftProtobuf
import TributaryClient
import TributaryCore
import TributaryWire

/// An operator's calls to a server. Every failure is a `CommandFailure` or a `ClientError`: one line.
struct OperatorClient: Sendable {
    private let transport: any ClientTransport
    private let token: String?

    /// The server as messages name it.
    var server: String { transport.server }

    /// Connects for as long as `body` runs.
    static func with<Result: Sendable>(
        _ flags: OperatorFlags, _ body: (OperatorClient) async throws -> Result
    ) async throws -> Result {
        try await with(flags.server.settings, token: flags.token(), body)
    }

    /// Connects for as long as `body` runs; without a token only for calls that need none.
    static func with<Result: Sendable>(
        _ settings: ClientSettings, token: String?, _ body: (OperatorClient) async throws -> Result
    ) async throws -> Result {
        let transport = try AsyncHTTPTransport(settings, connectionLimit: 2)
        do {
            let result = try await body(OperatorClient(transport: transport, token: token))
            try? await transport.shutdown()
            return result
        } catch {
            try? await transport.shutdown()
            throw error
        }
    }

    /// Makes a call. `wait` is how long the server may take on purpose.
    func call<Request: Message, Response: Message>(
        _ call: ConnectCall<Request, Response>, _ request: Request, wait: Duration = .zero
    ) async throws -> Response {
        let body = try ConnectCoding.encode(request, as: .proto)
        let answer = try await transport.call(
            TransportCall(path: call.method.path, body: body, credential: token, timeout: wait + .seconds(30)))
        guard answer.isMessage else { throw refusal(answer) }
        return try ConnectCoding.decode(Response.self, from: answer.body, as: .proto)
    }

    /// Stores bytes on the server, and says by which name.
    func upload(_ bytes: [UInt8], encoding: TensorEncoding) async throws -> TensorBlob {
        guard let digest = BlobDigest(bytes: Array(SHA256.hash(data: bytes))) else {
            throw CommandFailure(.ourFault, "a digest of another length than SHA-256 has")
        }
        var offset = 0
        // A server may take a part at a time; one that never gets on is left.
        for _ in 0..<1000 {
            let answer = try await transport.upload(
                digest, from: offset, of: BytesInMemory(bytes: bytes), credential: token ?? "")
            if answer.status == 201 { break }
            guard answer.status == 204 || answer.status == 409,
                let next = ConnectHeader.byteCount(answer.uploadOffset), next != offset, next <= bytes.count
            else { throw refusal(answer) }
            offset = next
        }
        return TensorBlob(digest: digest, byteCount: bytes.count, encoding: encoding)
    }

    private func refusal(_ answer: TransportAnswer) -> CommandFailure {
        let error = answer.connectError
        let code: CommandFailure.Code =
            switch error.code {
            case .unauthenticated, .permissionDenied: .denied
            case .invalidArgument, .alreadyExists, .failedPrecondition, .outOfRange: .usage
            case .notFound: .missingInput
            case .internal, .dataLoss, .unknown: .ourFault
            default: .unavailable
            }
        let hint = code == .denied ? "; give the operators' token with --token-file or TRIBUTARY_OPERATOR_TOKEN" : ""
        return CommandFailure(code, "\(transport.server): \(error.message)\(hint)")
    }
}

/// An upload that fits into memory.
private struct BytesInMemory: UpdateContent {
    let bytes: [UInt8]
    var byteCount: Int { bytes.count }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
        buffer.copyBytes(from: bytes[offset..<(offset + buffer.count)])
    }
}
