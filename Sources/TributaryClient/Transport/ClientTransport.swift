public import TributaryCore

/// How a client's calls and bytes get to one server and back: the seam where another HTTP library fits.
///
/// A transport may be shared by any number of clients, and its methods be called at once. Whatever is answered, be it an
/// error, is an answer; what is thrown is a `ClientError` about the way there, or a cancellation. Whether it was the
/// server that answered, and not a proxy, follows from the content type, so that has to be passed on.
public protocol ClientTransport: Sendable {
    /// The server as messages name it, for example `https://fl.example.org`.
    var server: String { get }

    /// Posts a call's message and waits for the answer.
    func call(_ call: TransportCall) async throws -> TransportAnswer

    /// Fetches a blob's bytes from an offset on. The receiver is told where they begin (which may be earlier), then
    /// gets them in order; no more are asked for while it is busy. What is not declared as bytes, by a content type of
    /// `application/octet-stream`, is not for the receiver: it goes into the answer's body.
    func download(
        _ digest: BlobDigest, from offset: Int, credential: String, into receiver: any DownloadReceiver
    ) async throws -> TransportAnswer

    /// Fetches a blob's bytes, or their difference to those of `base`, as the server likes: with the status and content type
    /// of `ModelDeltaAnswer` it is the difference, and the bytes go to `difference`; else all is as with the other. A
    /// transport that does not have this fetches the whole.
    func download(
        _ digest: BlobDigest, basedOn base: BlobDigest, credential: String, into receiver: any DownloadReceiver,
        difference: any DownloadReceiver
    ) async throws -> TransportAnswer

    /// Asks how much of an upload has arrived.
    func uploadState(of digest: BlobDigest, credential: String) async throws -> TransportAnswer

    /// Sends an upload's bytes from an offset to their end, as fast as they are taken.
    func upload(
        _ digest: BlobDigest, from offset: Int, of content: any UpdateContent, credential: String
    ) async throws -> TransportAnswer
}

extension ClientTransport {
    /// Fetches the whole.
    public func download(
        _ digest: BlobDigest, basedOn base: BlobDigest, credential: String, into receiver: any DownloadReceiver,
        difference: any DownloadReceiver
    ) async throws -> TransportAnswer {
        try await download(digest, from: 0, credential: credential, into: receiver)
    }
}

/// One call.
public struct TransportCall: Sendable {
    /// The path it is posted to, for example `/tributary.v1.Tasks/Poll`.
    public var path: String
    /// The message in Protocol Buffers' binary form.
    public var body: [UInt8]
    /// What the client shows in the header `Authorization`; nil for none.
    public var credential: String?
    /// When the caller gives the call up.
    public var timeout: Duration

    /// A call with all its parts.
    public init(path: String, body: [UInt8], credential: String?, timeout: Duration) {
        self.path = path
        self.body = body
        self.credential = credential
        self.timeout = timeout
    }
}

/// What a server answered.
public struct TransportAnswer: Sendable {
    /// The HTTP status.
    public var status: Int
    /// The header `Content-Type`.
    public var contentType: String?
    /// The body of a call's answer or of an error; empty for bytes that a receiver got.
    public var body: [UInt8]
    /// The header `Retry-After`.
    public var retryAfter: String?
    /// The header `Tributary-Retry-Window`.
    public var retryWindow: String?
    /// The header `Upload-Offset`.
    public var uploadOffset: String?

    /// An answer with all its parts.
    public init(
        status: Int, contentType: String? = nil, body: [UInt8] = [], retryAfter: String? = nil,
        retryWindow: String? = nil, uploadOffset: String? = nil
    ) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.retryAfter = retryAfter
        self.retryWindow = retryWindow
        self.uploadOffset = uploadOffset
    }
}

/// Takes a blob's bytes as they arrive.
public protocol DownloadReceiver: Sendable {
    /// The bytes to come begin at an offset: forget what lies behind it.
    func begin(at offset: Int) throws

    /// Waits until more bytes may come: they are left on the way until then.
    func makeRoom() async throws

    /// The next bytes.
    func receive(_ bytes: UnsafeRawBufferPointer) throws
}

extension DownloadReceiver {
    /// There is always room.
    public func makeRoom() async throws {}
}

/// An update's bytes, to be read at any place from any thread.
public protocol UpdateContent: Sendable {
    /// How many they are.
    var byteCount: Int { get }

    /// How many bytes to send next at most, from `offset` on, and not before this returns.
    func nextPiece(at offset: Int) async throws -> Int

    /// Fills the buffer with the bytes from `offset` on. Blocks for as long as the disk takes.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws
}

extension UpdateContent {
    /// A quarter of a mebibyte, at once.
    public func nextPiece(at offset: Int) async throws -> Int { 256 << 10 }
}
