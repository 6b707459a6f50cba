public import TributaryCore

/// Reads an update block by block, in order and in bounded memory: an aggregator needs neither its bytes nor its numbers as a
/// whole.
///
/// It says how many bytes it wants next and is given them; every byte is wanted once, so a reader can hash on the way.
///
/// ```swift
/// var decoder = try UpdateDecoder(encoding, count: layout.count, byteCount: blob.byteCount)
/// while let wanted = decoder.wantedByteCount {
///     let bytes = try blob.read(at: decoder.position, count: wanted)
///     if let range = try decoder.take(bytes, into: tile) { add(tile.prefix(range.count), at: range) }
/// }
/// ```
///
/// Total: any bytes give numbers or an error, and nothing is reserved before its size was checked. What is read may not be finite where
/// numbers travel as they are, or where a sender wrote absurd scales; sums refuse that.
public struct UpdateDecoder: Sendable {
    /// The coordinates of a block; an update's last may have fewer.
    public static let blockLength = UpdateEncoding.blockLength
    /// The most bytes that are wanted at a time: a block whose coordinates are all entries of a sparse update.
    public static let wantedByteLimit = UpdateEncoding.blockLength * 4 + UpdateEncoding.blockLength / 8

    /// How the update is written.
    public let encoding: UpdateEncoding
    /// The update's coordinates.
    public let count: Int
    /// The message's bytes.
    public let byteCount: Int
    /// Where the bytes that are wanted begin.
    public private(set) var position = 0

    private enum Stage {
        case header
        case prefix(UpdateBlock)
        case body(UpdateBlock, length: Int)
        /// All was read, or something was wrong.
        case ended
    }

    private var codec: any UpdateCodec
    private var stage: Stage

    /// A decoder of a message of so many bytes for an update of so many coordinates. Throws if that cannot be.
    public init(_ encoding: UpdateEncoding, count: Int, byteCount: Int) throws(UpdateFormatError) {
        let sizes = encoding.byteCounts(of: count)
        guard sizes.contains(byteCount) else {
            let expected = sizes.count == 1 ? "\(sizes.lowerBound)" : "\(sizes.lowerBound) to \(sizes.upperBound)"
            throw UpdateFormatError(
                .wrongSize, "it has \(byteCount) bytes; \(count) coordinates as \(encoding) take \(expected)")
        }
        self.encoding = encoding
        self.count = count
        self.byteCount = byteCount
        codec = encoding.codec(count: count)
        stage = .header
        if codec.headerLength == 0 { try begin(blockAt: 0) }
    }

    /// The bytes that are to be read next, at most ``wantedByteLimit``; nil at the end.
    public var wantedByteCount: Int? {
        switch stage {
        case .header: codec.headerLength
        case .prefix: codec.prefixLength
        case .body(_, let length): length
        case .ended: nil
        }
    }

    /// Takes the bytes that were wanted. If they complete a block, its numbers are at the front of `values`, which has room
    /// for a block or for the whole update, and their coordinates are returned.
    public mutating func take(
        _ bytes: UnsafeRawBufferPointer, into values: UnsafeMutableBufferPointer<Float>
    ) throws(UpdateFormatError) -> Range<Int>? {
        precondition(bytes.count == wantedByteCount, "other bytes than were wanted")
        let current = stage
        // Whatever throws below is the end.
        stage = .ended
        position += bytes.count
        switch current {
        case .header:
            codec.readHeader(bytes)
            try begin(blockAt: 0)
        case .prefix(let block):
            try beginBody(of: block, prefix: bytes)
        case .body(let block, _):
            try codec.decode(bytes, of: block, into: UnsafeMutableBufferPointer(rebasing: values[..<block.count]))
            try begin(blockAt: block.range.upperBound)
            return block.range
        case .ended: preconditionFailure("bytes were taken after the end")
        }
        return nil
    }

    private mutating func begin(blockAt start: Int) throws(UpdateFormatError) {
        guard start < count else {
            stage = .ended
            guard position == byteCount else {
                throw UpdateFormatError(.wrongSize, "\(byteCount - position) bytes follow its last block")
            }
            return
        }
        let block = UpdateBlock(at: start, of: count)
        guard codec.prefixLength > 0 else {
            return try beginBody(of: block, prefix: UnsafeRawBufferPointer(start: nil, count: 0))
        }
        try checkRest(codec.prefixLength, for: block)
        stage = .prefix(block)
    }

    private mutating func beginBody(
        of block: UpdateBlock, prefix: UnsafeRawBufferPointer
    ) throws(UpdateFormatError) {
        let length = try codec.bodyLength(of: block, prefix: prefix)
        try checkRest(length, for: block)
        stage = .body(block, length: length)
    }

    private func checkRest(_ length: Int, for block: UpdateBlock) throws(UpdateFormatError) {
        guard length <= byteCount - position else {
            throw block.error("it wants \(length) bytes; \(byteCount - position) are left", refusal: .wrongSize)
        }
    }
}
