import Synchronization
import TributaryClient
import TributaryCore

/// What a transfer suffers: a slow link, and an end before its end.
final class TransferShape: Sendable {
    private let bytesPerSecond: Double?
    private let cutAfter: Int?
    private let start = ContinuousClock.now
    private let moved = Atomic<Int>(0)

    init(bytesPerSecond: Double?, cutAfter: Int?) {
        (self.bytesPerSecond, self.cutAfter) = (bytesPerSecond, cutAfter)
    }

    /// Whether nothing is to be done.
    var isPlain: Bool { bytesPerSecond == nil && cutAfter == nil }

    /// Whether the transfer has come to where it is cut off.
    var isCut: Bool { cutAfter.map { moved.load(ordering: .relaxed) >= $0 } ?? false }

    /// Waits until the link has room.
    func wait() async throws {
        guard let bytesPerSecond else { return }
        let due = Double(moved.load(ordering: .relaxed)) / max(bytesPerSecond, 1)
        try await ContinuousClock().sleep(until: start.advanced(by: .seconds(due)), tolerance: .milliseconds(5))
    }

    /// How many of the next bytes get through before the end.
    func passing(_ count: Int) -> Int {
        let before = moved.add(count, ordering: .relaxed).oldValue
        return cutAfter.map { min(count, max(0, $0 - before)) } ?? count
    }

    /// The largest piece that the link takes at a time: a quarter of a second's.
    var pieceSize: Int {
        let fair = bytesPerSecond.map { max(1, Int(min($0 / 4, 1e9))) } ?? 256 << 10
        let left = cutAfter.map { max(1, $0 - moved.load(ordering: .relaxed)) } ?? fair
        return min(fair, left, 256 << 10)
    }

    func failure(_ server: String) -> ClientError {
        ClientError(.unreachable, "\(server): the connection was cut off", failure: .transient(nil))
    }
}

/// A download over a bad link.
struct ShapedReceiver: DownloadReceiver {
    let receiver: any DownloadReceiver
    let shape: TransferShape
    let server: String

    func begin(at offset: Int) throws { try receiver.begin(at: offset) }

    func makeRoom() async throws {
        try await shape.wait()
        try await receiver.makeRoom()
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws {
        let count = shape.passing(bytes.count)
        if count > 0 { try receiver.receive(UnsafeRawBufferPointer(rebasing: bytes[..<count])) }
        if shape.isCut { throw shape.failure(server) }
    }
}

/// An upload over a bad link.
struct ShapedContent: UpdateContent {
    let content: any UpdateContent
    let shape: TransferShape
    let server: String

    var byteCount: Int { content.byteCount }

    func nextPiece(at offset: Int) async throws -> Int {
        try await shape.wait()
        if shape.isCut { throw shape.failure(server) }
        return min(try await content.nextPiece(at: offset), shape.pieceSize)
    }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
        try content.read(at: offset, into: buffer)
        _ = shape.passing(buffer.count)
    }
}
