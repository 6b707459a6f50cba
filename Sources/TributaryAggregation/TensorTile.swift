import Crypto
import TributaryCore
import TributaryStore

/// Memory for one piece of a model or an update, and how it is filled from a blob.
///
/// Models are worked on in pieces of the same few hundred kilobytes, so that memory does not depend on their size.
final class TensorTile {
    /// Coordinates of a piece: large enough that the calls around it cost nothing, small enough to stay in the caches.
    static let length = 1 << 16

    private let memory: UnsafeMutableBufferPointer<Float>

    /// Memory for pieces of at most `capacity` coordinates.
    init(capacity: Int) {
        memory = .allocate(capacity: max(capacity, 1))
        memory.initialize(repeating: 0)
    }

    deinit {
        memory.deallocate()
    }

    /// The first coordinates.
    func prefix(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(rebasing: memory[..<count])
    }

    /// Multiplies the first coordinates, each rounded once; whoever reads them reads them so.
    func scale(_ count: Int, by factor: Double) {
        guard factor != 1 else { return }
        for index in 0..<count { memory[index] = Float(Double(memory[index]) * factor) }
    }

    /// Reads the coordinates in `range` of a blob and returns them as Float32. Their bytes are added to `hash`.
    func fill(
        _ range: Range<Int>, of blob: any BlobReader, encoding: TensorEncoding, scratch: TensorTile, hash: inout SHA256
    ) throws(StoreError) -> UnsafeBufferPointer<Float> {
        let bytes = try read(range, of: blob, encoding: encoding, scratch: scratch)
        hash.update(bufferPointer: bytes)
        return decode(bytes, count: range.count, encoding: encoding)
    }

    /// What is in single precision is read to where it is to be, anything shorter by way of the scratch memory.
    private func read(
        _ range: Range<Int>, of blob: any BlobReader, encoding: TensorEncoding, scratch: TensorTile
    ) throws(StoreError) -> UnsafeRawBufferPointer {
        let width = encoding.bytesPerElement
        let target = encoding == .float32 ? self : scratch
        let bytes = UnsafeMutableRawBufferPointer(
            rebasing: UnsafeMutableRawBufferPointer(target.memory)[..<(range.count * width)])
        try blob.read(at: range.lowerBound * width, into: bytes)
        return UnsafeRawBufferPointer(bytes)
    }

    private func decode(
        _ bytes: UnsafeRawBufferPointer, count: Int, encoding: TensorEncoding
    ) -> UnsafeBufferPointer<Float> {
        let values = prefix(count)
        encoding.decode(bytes, into: values)
        return UnsafeBufferPointer(values)
    }
}

extension TensorEncoding {
    /// Turns the bytes of numbers into the numbers; single precision may be decoded where it lies.
    func decode(_ bytes: UnsafeRawBufferPointer, into values: UnsafeMutableBufferPointer<Float>) {
        precondition(bytes.count == values.count * bytesPerElement, "as many bytes as the numbers take")
        switch self {
        case .float32:
            #if _endian(little)
                if bytes.baseAddress == UnsafeRawPointer(values.baseAddress) { return }
            #endif
            for index in values.indices {
                let bits = bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
                values[index] = Float(bitPattern: UInt32(littleEndian: bits))
            }
        case .bfloat16:
            for index in values.indices {
                let bits = bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
                values[index] = Float(bitPattern: UInt32(UInt16(littleEndian: bits)) << 16)
            }
        case .float16:
            for index in values.indices {
                let bits = bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
                values[index] = Self.single(half: UInt16(littleEndian: bits))
            }
        }
    }

    /// The value of a half-precision number. Its exponent and fraction, put where single precision has them, are too
    /// small by 2^112, for subnormal numbers too; one exact product mends that. (The standard library's conversion is a
    /// call for each number where the processor is not known to have it.)
    private static func single(half bits: UInt16) -> Float {
        let magnitude = UInt32(bits & 0x7FFF)
        let finite = (Float(bitPattern: magnitude << 13) * 0x1p112).bitPattern
        let special = 0x7F80_0000 | (magnitude & 0x3FF) << 13
        let sign = UInt32(bits & 0x8000) << 16
        return Float(bitPattern: sign | (magnitude >= 0x7C00 ? special : finite))
    }
}

extension BlobWriter {
    /// Adds numbers in single precision, little-endian.
    func append(_ values: UnsafeMutableBufferPointer<Float>) throws(StoreError) {
        #if _endian(big)
            for index in values.indices { values[index] = Float(bitPattern: values[index].bitPattern.littleEndian) }
        #endif
        try append(UnsafeRawBufferPointer(values))
    }
}
