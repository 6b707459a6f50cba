import CZlib

/// Unpacks gzip (RFC 1952) piece by piece through zlib: several members in a row, a bound on the output.
///
/// A small body may unpack to a thousand times its size, so the bound is checked before the content grows: whatever
/// comes in, no more than the limit and one piece is in memory. zlib checks each member's CRC-32 and length, so a flipped
/// bit is found here and not in a picture later.
package struct GzipInflater: ~Copyable {
    private let limit: Int
    private let stream: UnsafeMutablePointer<z_stream>
    private let output: UnsafeMutableRawBufferPointer
    /// Compressed bytes taken in so far, for messages.
    private var offset = 0
    /// Whether a member is open: the input may end only between members.
    private var insideMember = true
    private var onlyPadding = false

    /// An inflater that gives at most `limit` bytes, `pieceByteCount` at a time.
    package init(limit: Int, pieceByteCount: Int = 1 << 18) throws(GzipError) {
        self.limit = limit
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        output = .allocate(byteCount: pieceByteCount, alignment: 16)
        // 16 asks for the gzip wrapper around a window of 2^15.
        let status = inflateInit2_(stream, 16 + 15, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw .unavailable(status: status) }
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
        output.deallocate()
    }

    /// Takes in the next compressed bytes and appends what they unpack to.
    package mutating func inflate(
        _ input: UnsafeRawBufferPointer, into content: inout [UInt8]
    ) throws(GzipError) {
        let bytes = input.bindMemory(to: UInt8.self)
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
        stream.pointee.avail_in = UInt32(bytes.count)
        let start = offset
        defer { offset = start + bytes.count - Int(stream.pointee.avail_in) }
        while stream.pointee.avail_in > 0 {
            if !insideMember, !beginMember() { return }
            try inflateOnce(into: &content, startOffset: start, inputCount: bytes.count)
        }
    }

    /// Says that the input ended; an error if that is in the midst of a member.
    package mutating func finish() throws(GzipError) {
        if insideMember { throw .cutOff(byte: offset) }
    }

    /// Opens the next member at the current place; false if only zero padding follows.
    private mutating func beginMember() -> Bool {
        if onlyPadding || stream.pointee.next_in?.pointee == 0 {
            onlyPadding = true
            stream.pointee.avail_in = 0
            return false
        }
        inflateReset(stream)
        insideMember = true
        return true
    }

    private mutating func inflateOnce(
        into content: inout [UInt8], startOffset: Int, inputCount: Int
    ) throws(GzipError) {
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        let status = CZlib.inflate(stream, Z_NO_FLUSH)
        let made = output.count - Int(stream.pointee.avail_out)
        guard content.count + made <= limit else { throw .tooLong(limit: limit) }
        content.append(contentsOf: UnsafeRawBufferPointer(rebasing: output[..<made]))
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: insideMember = false
        default:
            let place = startOffset + inputCount - Int(stream.pointee.avail_in)
            let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)"
            throw .damaged(byte: place, reason: reason)
        }
    }
}

extension GzipInflater {
    /// Unpacks bytes that are all there.
    package static func unpack(
        _ bytes: [UInt8], limit: Int, pieceByteCount: Int = 1 << 18
    ) throws(GzipError) -> [UInt8] {
        var inflater = try GzipInflater(limit: limit, pieceByteCount: pieceByteCount)
        var content: [UInt8] = []
        var start = 0
        while start < bytes.count {
            let end = min(start + (1 << 20), bytes.count)
            // Typed throws do not pass through `withUnsafeBytes` here, so the outcome is carried out by hand.
            let outcome: Result<Void, GzipError> = bytes.withUnsafeBytes { all in
                let piece = UnsafeRawBufferPointer(rebasing: all[start..<end])
                do throws(GzipError) {
                    return .success(try inflater.inflate(piece, into: &content))
                } catch {
                    return .failure(error)
                }
            }
            try outcome.get()
            start = end
        }
        try inflater.finish()
        return content
    }
}
