import HummingbirdCore
import NIOCore
import NIOPosix
import TributaryStore

/// A body that is read from disk as fast as the caller takes it: at most two chunks are in memory.
struct StreamedBody: Sendable {
    /// Bodies up to this many bytes go out in one piece.
    static let smallest = 64 << 10

    let reader: any BlobReader
    let range: Range<Int>
    let chunkByteCount: Int
    let pool: NIOThreadPool
    let timeouts: HTTPTimeouts
    let metrics: HTTPMetrics

    /// The body of the answer to a request, whose connection is closed if the caller takes no bytes any more.
    func body(for request: ServerRequest) async throws -> ResponseBody {
        guard range.count > Self.smallest else {
            let bytes = try await read(range, request.eventLoop).get()
            metrics.sent(bytes.readableBytes)
            return ResponseBody(byteBuffer: bytes)
        }
        return ResponseBody(contentLength: range.count) { writer in
            let clock = TransferClock(timeouts) { _ in request.disconnect() }
            var next = readChunk(at: range.lowerBound, request.eventLoop)
            try await clock.watch(on: request.eventLoop) {
                var place = range.lowerBound
                while place < range.upperBound {
                    let bytes = try await next.get()
                    place += bytes.readableBytes
                    if place < range.upperBound { next = readChunk(at: place, request.eventLoop) }
                    clock.waiting()
                    try await writer.write(bytes)
                    clock.moved(bytes.readableBytes)
                    metrics.sent(bytes.readableBytes)
                }
            }
            try await writer.finish(nil)
        }
    }

    private func readChunk(at place: Int, _ loop: any EventLoop) -> EventLoopFuture<ByteBuffer> {
        read(place..<min(place + chunkByteCount, range.upperBound), loop)
    }

    private func read(_ range: Range<Int>, _ loop: any EventLoop) -> EventLoopFuture<ByteBuffer> {
        pool.runIfActive(eventLoop: loop) { [reader] in
            var bytes = ByteBufferAllocator().buffer(capacity: range.count)
            try bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: range.count) { space in
                let target = UnsafeMutableRawBufferPointer(rebasing: space[..<range.count])
                try reader.read(at: range.lowerBound, into: target)
                return range.count
            }
            return bytes
        }
    }
}
