import HTTPTypes
import NIOCore
import NIOHTTPTypes
import Synchronization

/// The parts of requests as they come from a connection.
///
/// Unchecked: the iterator is used by one task at a time, first by the one that serves the connection, then by the one
/// that answers a request, which ends before the first goes on.
final class RequestParts: @unchecked Sendable {
    private var iterator: NIOAsyncChannelInboundStream<HTTPRequestPart>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<HTTPResponsePart>
    private var awaitsContinue = false
    /// Whether the body of the request has been read to its end.
    private(set) var isComplete = true
    /// Bytes of the body that have been read.
    private(set) var receivedByteCount = 0

    init(
        _ iterator: NIOAsyncChannelInboundStream<HTTPRequestPart>.AsyncIterator,
        answeringTo outbound: NIOAsyncChannelOutboundWriter<HTTPResponsePart>
    ) {
        self.iterator = iterator
        self.outbound = outbound
    }

    /// The next request's head; nil when there are no more requests.
    func nextHead() async throws -> HTTPRequest? {
        while let part = try await iterator.next() {
            guard case .head(let head) = part else { continue }
            isComplete = false
            receivedByteCount = 0
            awaitsContinue = head.headerFields[.expect]?.lowercased() == "100-continue"
            return head
        }
        return nil
    }

    /// The next bytes of the body; nil at its end. Throws `BodyError` if the connection ends before the body does.
    func nextBytes() async throws -> ByteBuffer? {
        if isComplete { return nil }
        if awaitsContinue {
            awaitsContinue = false
            try await outbound.write(.head(HTTPResponse(status: .continue)))
        }
        while let part = try await iterator.next() {
            switch part {
            case .body(let bytes):
                receivedByteCount += bytes.readableBytes
                return bytes
            case .end, .head:
                isComplete = true
                return nil
            }
        }
        try Task.checkCancellation()
        throw BodyError.cutOff
    }

    /// Reads on to the end of the body if it is not far; false if it is, or if its sender waits to be asked for it.
    func skipBody(upTo limit: Int) async throws -> Bool {
        if isComplete { return true }
        guard !awaitsContinue else { return false }
        var left = limit
        while left >= 0 {
            guard let bytes = try await nextBytes() else { return true }
            left -= bytes.readableBytes
        }
        return false
    }

    /// Reads on until the connection ends.
    func discardAll() async {
        while (try? await iterator.next()) != nil {}
    }
}

/// Why a body is not there.
enum BodyError: Error, Hashable {
    /// The connection ended before the body did.
    case cutOff
    /// It is longer than it may be.
    case tooLong
}
