public import TributaryCore
import TributaryMath

extension TensorEncoding {
    /// Writes numbers: each as the nearest that the encoding has, ties to even, beyond its largest as an infinity; NaN
    /// stays NaN. `bytes` has exactly the numbers' length.
    public func encode(_ values: UnsafeBufferPointer<Float>, into bytes: UnsafeMutableRawBufferPointer) {
        precondition(bytes.count == values.count * bytesPerElement, "a buffer of another length than the numbers take")
        switch self {
        case .float32:
            #if _endian(little)
                bytes.copyMemory(from: UnsafeRawBufferPointer(values))
            #else
                for index in values.indices {
                    let bits = values[index].bitPattern.littleEndian
                    bytes.storeBytes(of: bits, toByteOffset: 4 * index, as: UInt32.self)
                }
            #endif
        case .float16: NarrowFloat.half.encode(values, into: bytes)
        case .bfloat16: NarrowFloat.brain.encode(values, into: bytes)
        }
    }

    /// Reads numbers, exactly: each encoding's are floats. `bytes` has exactly the numbers' length.
    public func decode(_ bytes: UnsafeRawBufferPointer, into values: UnsafeMutableBufferPointer<Float>) {
        precondition(bytes.count == values.count * bytesPerElement, "a buffer of another length than the numbers take")
        switch self {
        case .float32:
            #if _endian(little)
                UnsafeMutableRawBufferPointer(values).copyMemory(from: bytes)
            #else
                for index in values.indices {
                    let bits = bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
                    values[index] = Float(bitPattern: UInt32(littleEndian: bits))
                }
            #endif
        case .float16: NarrowFloat.half.decode(bytes, into: values)
        case .bfloat16: NarrowFloat.brain.decode(bytes, into: values)
        }
    }

    /// The numbers as bytes, all at once.
    public func encoded(_ values: [Float]) -> [UInt8] {
        let count = values.count * bytesPerElement
        return [UInt8](unsafeUninitializedCapacity: count) { bytes, initialised in
            values.withUnsafeBufferPointer {
                encode(
                    $0, into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(bytes)[..<count]))
            }
            initialised = count
        }
    }

    /// The numbers that bytes write, all at once; nil if the bytes are not a whole number of them.
    public func decoded(_ bytes: [UInt8]) -> [Float]? {
        guard bytes.count.isMultiple(of: bytesPerElement) else { return nil }
        let count = bytes.count / bytesPerElement
        return [Float](unsafeUninitializedCapacity: count) { values, initialised in
            bytes.withUnsafeBytes { decode($0, into: UnsafeMutableBufferPointer(rebasing: values[..<count])) }
            initialised = count
        }
    }
}
