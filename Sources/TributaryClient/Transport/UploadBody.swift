import NIOCore
import NIOPosix

/// An update's bytes from an offset on, read piece by piece as the connection takes them.
struct UploadBody: AsyncSequence, Sendable {
    static let pieceSize = 256 << 10

    let content: any UpdateContent
    let offset: Int

    struct AsyncIterator: AsyncIteratorProtocol {
        let content: any UpdateContent
        var offset: Int

        mutating func next() async throws -> ByteBuffer? {
            let count = Swift.min(UploadBody.pieceSize, content.byteCount - offset)
            guard count > 0 else { return nil }
            let (content, start) = (content, offset)
            offset += count
            // Files are read where blocking is allowed.
            return try await NIOThreadPool.singleton.runIfActive {
                var buffer = ByteBufferAllocator().buffer(capacity: count)
                try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
                    try content.read(at: start, into: UnsafeMutableRawBufferPointer(rebasing: space[..<count]))
                    return count
                }
                return buffer
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(content: content, offset: offset)
    }
}
