/// The bytes of a message as it is written, numbers little-endian.
struct MessageBytes {
    private(set) var bytes: [UInt8] = []

    /// Room for a message of a length that is not exceeded much.
    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// The bytes so far.
    var count: Int { bytes.count }

    mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ number: Float) {
        append(number.bitPattern)
    }

    /// Adds so many bytes, all zero, and has them written.
    mutating func append(zeros count: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void) {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: count))
        bytes.withUnsafeMutableBytes { write(UnsafeMutableRawBufferPointer(rebasing: $0[start...])) }
    }

    /// Takes bytes at the end away again.
    mutating func removeLast(_ count: Int) {
        bytes.removeLast(count)
    }

    /// Writes a number over bytes that are there.
    mutating func replace(at start: Int, with number: UInt32) {
        withUnsafeBytes(of: number.littleEndian) { bytes.replaceSubrange(start..<start + 4, with: $0) }
    }
}

extension UnsafeRawBufferPointer {
    /// The little-endian number at an offset at which all of it is there.
    func number<N: FixedWidthInteger>(at offset: Int) -> N {
        N(littleEndian: loadUnaligned(fromByteOffset: offset, as: N.self))
    }

    /// The single-precision number at an offset at which all of it is there.
    func float(at offset: Int) -> Float { Float(bitPattern: number(at: offset)) }

    /// A stretch within the bytes.
    func part(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self[range]) }
}
