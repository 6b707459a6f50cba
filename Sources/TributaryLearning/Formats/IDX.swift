/// A table in LeCun's IDX format: a big-endian header with type and extents, then the elements row-major.
public struct IDX: Sendable {
    /// The elements of the table.
    public enum Elements: Sendable {
        /// Type 0x08: unsigned bytes.
        case bytes([UInt8])
        /// Type 0x0c: signed 32-bit integers.
        case integers([Int32])
    }

    /// The extents, outermost first.
    public let shape: [Int]
    /// `shape`'s product of elements.
    public let elements: Elements

    /// Decodes unpacked IDX bytes; `source` names them in errors.
    ///
    /// The header is checked against the true length before anything is allocated: a count of 2³¹ in a file of
    /// twenty bytes is an error, not an allocation.
    public init(_ bytes: [UInt8], source: String) throws(DatasetError) {
        let header = try Header(bytes, source: source)
        shape = header.shape
        switch header.elementSize {
        case 1: elements = .bytes(Array(bytes[header.byteCount...]))
        default:
            elements = .integers(
                stride(from: header.byteCount, to: bytes.count, by: 4).map {
                    Int32(bitPattern: Self.bigEndian(bytes, at: $0))
                })
        }
    }

    /// The big-endian word at `offset`, which must lie inside.
    fileprivate static func bigEndian(_ bytes: [UInt8], at offset: Int) -> UInt32 {
        UInt32(bytes[offset]) << 24 | UInt32(bytes[offset + 1]) << 16
            | UInt32(bytes[offset + 2]) << 8 | UInt32(bytes[offset + 3])
    }
}

/// The checked header of an IDX file.
private struct Header {
    var shape: [Int] = []
    let elementSize: Int
    let byteCount: Int

    init(_ bytes: [UInt8], source: String) throws(DatasetError) {
        guard bytes.count >= 4 else {
            throw .badData("\(source): ends at byte \(bytes.count), inside the 4-byte magic number of an IDX file")
        }
        let magic = IDX.bigEndian(bytes, at: 0)
        switch magic >> 8 {
        case 0x08: elementSize = 1
        case 0x0c: elementSize = 4
        default:
            throw .badData(
                "\(source): byte 0: not an IDX file of bytes or 32-bit integers "
                    + "(magic 0x\(String(magic, radix: 16)), expected 0x8.. or 0xc..)")
        }
        let rank = Int(magic & 0xff)
        guard (1...4).contains(rank) else {
            throw .badData("\(source): byte 3: an IDX table of \(rank) dimensions; 1 to 4 are understood")
        }
        byteCount = 4 + 4 * rank
        guard bytes.count >= byteCount else {
            throw .badData("\(source): ends at byte \(bytes.count), inside the \(byteCount)-byte IDX header")
        }
        var size = elementSize
        for axis in 0..<rank {
            let extent = Int(IDX.bigEndian(bytes, at: 4 + 4 * axis))
            let (product, overflow) = size.multipliedReportingOverflow(by: extent)
            // 2^48 is far above any file and far below what could overflow later sums.
            guard !overflow, product < 1 << 48 else {
                throw .badData("\(source): byte \(4 + 4 * axis): the IDX header declares an impossible size")
            }
            size = product
            shape.append(extent)
        }
        guard bytes.count - byteCount == size else {
            let extents = shape.map(String.init).joined(separator: "x")
            throw .badData(
                "\(source): byte \(byteCount): the IDX header declares \(extents) elements, \(size) bytes, "
                    + "but \(bytes.count - byteCount) bytes follow")
        }
    }
}
