import CZlib

/// Deflate without a wrapper (RFC 1951) of pieces that are in memory, for bytes that are mostly zero or mostly noise.
package enum Deflate {
    /// The packed form of bytes; nil if it would take `limit` bytes or more, or zlib has no memory.
    ///
    /// Repetitions are looked for one byte back alone (`Z_RLE`): where numbers have been taken apart into planes there are
    /// runs of zeros and uneven counts of bytes, and hardly a longer repetition worth the search.
    package static func pack(_ bytes: UnsafeRawBufferPointer, smallerThan limit: Int) -> [UInt8]? {
        guard limit > 0, bytes.count < 1 << 30 else { return nil }
        var stream = z_stream()
        let begun = deflateInit2_(
            &stream, 6, Z_DEFLATED, -15, 8, Z_RLE, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
        guard begun == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        var isWhole = false
        let packed = [UInt8](unsafeUninitializedCapacity: limit - 1) { space, count in
            stream.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
            stream.avail_in = UInt32(bytes.count)
            stream.next_out = space.baseAddress
            stream.avail_out = UInt32(limit - 1)
            isWhole = deflate(&stream, Z_FINISH) == Z_STREAM_END
            count = limit - 1 - Int(stream.avail_out)
        }
        return isWhole ? packed : nil
    }

    /// Unpacks what `pack` made into a buffer of exactly its length; false if these bytes are no such thing.
    package static func unpack(_ bytes: UnsafeRawBufferPointer, into space: UnsafeMutableRawBufferPointer) -> Bool {
        guard bytes.count < 1 << 30, space.count < 1 << 30, !bytes.isEmpty, !space.isEmpty else { return false }
        var stream = z_stream()
        let begun = inflateInit2_(&stream, -15, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
        guard begun == Z_OK else { return false }
        defer { inflateEnd(&stream) }
        stream.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
        stream.avail_in = UInt32(bytes.count)
        stream.next_out = space.bindMemory(to: UInt8.self).baseAddress
        stream.avail_out = UInt32(space.count)
        // With room for exactly as much as there should be, more and less both show.
        return inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_out == 0 && stream.avail_in == 0
    }
}
