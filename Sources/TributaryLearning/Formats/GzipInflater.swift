import CZlib

/// Unpacks gzip (RFC 1952) piece by piece through zlib: several members in a row, a bound on the output.
///
/// zlib checks each member's CRC-32 and length, so a flipped bit is found here and not in a picture later.
struct GzipInflater: ~Copyable {
    private let source: String
    private let limit: Int
    private let stream: UnsafeMutablePointer<z_stream>
    private let output: UnsafeMutableRawBufferPointer
    /// Compressed bytes taken in so far, for messages.
    private var offset = 0
    /// Whether a member is open: the input may end only between members.
    private var insideMember = true
    /// Whether at least one member was read; what follows it may then be zero padding.
    private var membersRead = 0
    private var onlyPadding = false

    /// An inflater for one file called `source` in messages, that gives at most `limit` bytes.
    init(source: String, limit: Int) throws(DatasetError) {
        self.source = source
        self.limit = limit
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        output = .allocate(byteCount: 1 << 18, alignment: 16)
        // 16 asks for the gzip wrapper around a window of 2^15.
        let status = inflateInit2_(stream, 16 + 15, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw DatasetError(.inputOutput, "\(source): zlib cannot start (\(status))") }
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
        output.deallocate()
    }

    /// Takes in the next compressed bytes and appends what they unpack to.
    mutating func inflate(_ input: UnsafeRawBufferPointer, into content: inout [UInt8]) throws(DatasetError) {
        let bytes = input.bindMemory(to: UInt8.self)
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
        stream.pointee.avail_in = UInt32(bytes.count)
        let start = offset
        defer { offset = start + bytes.count - Int(stream.pointee.avail_in) }
        while stream.pointee.avail_in > 0 {
            if !insideMember, try !beginMember() { return }
            try inflateOnce(into: &content, startOffset: start, inputCount: bytes.count)
        }
    }

    /// Says that the input ended; an error if that is in the midst of a member.
    mutating func finish() throws(DatasetError) {
        if insideMember { throw .badData("\(source): the gzip data is cut off after byte \(offset)") }
    }

    /// Opens the next member at the current place; false if only zero padding follows.
    private mutating func beginMember() throws(DatasetError) -> Bool {
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
    ) throws(DatasetError) {
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        let status = CZlib.inflate(stream, Z_NO_FLUSH)
        let made = output.count - Int(stream.pointee.avail_out)
        guard content.count + made <= limit else { throw FileContent.tooLong(source, limit) }
        content.append(contentsOf: UnsafeRawBufferPointer(rebasing: output[..<made]))
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END:
            insideMember = false
            membersRead += 1
        default:
            let place = startOffset + inputCount - Int(stream.pointee.avail_in)
            let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)"
            throw .badData("\(source): corrupt gzip data near byte \(place): \(reason)")
        }
    }
}

/// gzip for callers that hold bytes.
public enum Gzip {
    /// Unpacks gzip data; `source` names it in errors, `limit` bounds the output.
    public static func inflate(
        _ bytes: [UInt8], source: String = "gzip data", limit: Int = FileContent.defaultLimit
    ) throws(DatasetError) -> [UInt8] {
        var inflater = try GzipInflater(source: source, limit: limit)
        var content: [UInt8] = []
        var start = 0
        while start < bytes.count {
            let end = min(start + (1 << 20), bytes.count)
            // Typed throws do not pass through `withUnsafeBytes` here, so the outcome is carried out by hand.
            let outcome: Result<Void, DatasetError> = bytes.withUnsafeBytes { all in
                let piece = UnsafeRawBufferPointer(rebasing: all[start..<end])
                do throws(DatasetError) {
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
