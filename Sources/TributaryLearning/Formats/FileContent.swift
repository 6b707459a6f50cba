import Foundation

/// The content of a file, unpacked if it is gzip.
///
/// Whether it is gzip is decided by the first two bytes, not by the name: package managers and browsers rename files.
public enum FileContent {
    /// The most bytes of content read by default: 2 GiB.
    public static let defaultLimit = 2 << 30

    /// Reads and unpacks a file.
    ///
    /// - Parameters:
    ///   - limit: the most bytes of content accepted; a longer one is an error before it fills the memory.
    ///   - expected: the length of the content if it is known, to reserve the memory at once.
    public static func read(
        path: String, limit: Int = defaultLimit, expecting expected: Int? = nil
    ) throws(DatasetError) -> [UInt8] {
        let file = try InputFile(path: path)
        let pieceSize = 1 << 18
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceSize, alignment: 16)
        defer { piece.deallocate() }
        var content: [UInt8] = []
        var count = try file.read(into: piece)
        let isGzip = count >= 2 && piece[0] == 0x1f && piece[1] == 0x8b
        if !isGzip, file.byteCount > limit { throw tooLong(path, limit) }
        let likely = expected ?? (isGzip ? min(file.byteCount, limit / 4) * 4 : file.byteCount)
        content.reserveCapacity(min(likely, limit))
        var inflater = isGzip ? try GzipFileInflater(source: path, limit: limit) : nil
        while count > 0 {
            let bytes = UnsafeRawBufferPointer(rebasing: piece[..<count])
            if inflater != nil {
                try inflater?.inflate(bytes, into: &content)
            } else {
                guard content.count + count <= limit else { throw tooLong(path, limit) }
                content.append(contentsOf: bytes)
            }
            count = try file.read(into: piece)
        }
        try inflater?.finish()
        return content
    }

    static func tooLong(_ path: String, _ limit: Int) -> DatasetError {
        .badData("\(path): the content is longer than the \(limit) bytes accepted here")
    }
}
