public import TributaryCore
public import TributaryStore

extension BlobStore {
    /// The numbers of a blob in single precision.
    public func floats(_ blob: TensorBlob) throws -> [Float]? {
        guard let reader = try open(blob.digest), reader.byteCount == blob.byteCount else { return nil }
        var bytes = [UInt8](repeating: 0, count: reader.byteCount)
        try bytes.withUnsafeMutableBytes { try reader.read(at: 0, into: $0) }
        return stride(from: 0, to: bytes.count, by: 4).map { place in
            let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
            return Float(bitPattern: bits)
        }
    }

    /// Stores numbers in an encoding, and says what they are when they are read again.
    public func put(_ values: [Float], _ encoding: TensorEncoding) throws -> (blob: TensorBlob, values: [Float]) {
        var bytes: [UInt8] = []
        var read: [Float] = []
        for value in values {
            let bits: UInt32
            switch encoding {
            case .float32: (bits, _) = (value.bitPattern, read.append(value))
            case .bfloat16:
                bits = value.bitPattern >> 16
                read.append(Float(bitPattern: bits << 16))
            case .float16:
                let half = Float16(value)
                bits = UInt32(half.bitPattern)
                read.append(Float(half))
            }
            for byte in 0..<encoding.bytesPerElement {
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(8 * byte)))
            }
        }
        let writer = try makeBlob()
        try bytes.withUnsafeBytes { try writer.append($0) }
        let (digest, count) = try writer.finish()
        return (TensorBlob(digest: digest, byteCount: count, encoding: encoding), read)
    }
}
