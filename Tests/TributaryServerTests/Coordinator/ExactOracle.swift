import BigInt
import TributaryCore
import TributaryStore
import TributaryTesting

/// A model's commit computed again by other means: whole numbers of any size, one coordinate after another.
enum ExactOracle {
    /// The weights after the step, and the step's L2 norm.
    static func model(
        after base: [Float], _ updates: [(values: [Float], weight: Int)], bound: Float, learningRate: Double
    ) -> (weights: [Float], stepNorm: Double) {
        let total = updates.reduce(0) { $0 + $1.weight }
        let bits = fractionBits(bound: bound, weightLimit: total)
        var squares = 0.0
        let weights = base.indices.map { index -> Float in
            var sum = BigInt(0)
            for update in updates {
                // Multiplying by a power of two is exact, so this is the one rounding.
                let scaled = Double(sign: .plus, exponent: bits, significand: Double(update.values[index]))
                let signed = update.values[index] < 0 ? -scaled.magnitude : scaled.magnitude
                sum += BigInt(signed.rounded(.toNearestOrEven)) * BigInt(update.weight)
            }
            let divisor = Double(sign: .plus, exponent: bits, significand: Double(total))
            let move = learningRate * (Double(sum) / divisor)
            squares += move * move
            return Float(Double(base[index]) + move)
        }
        return (weights, squares.squareRoot())
    }

    /// The number of binary digits after the point: n · |q| stays within 2^53, |q| within 2^51.
    private static func fractionBits(bound: Float, weightLimit: Int) -> Int {
        func above(_ value: Double) -> Int {
            var bits = 0
            while Double(sign: .plus, exponent: bits, significand: 1) < value { bits += 1 }
            return bits
        }
        return min(53 - above(Double(bound)) - max(above(Double(weightLimit)), 2), 149)
    }
}

extension BlobStore {
    /// The numbers of a blob in single precision.
    func floats(_ blob: TensorBlob) throws -> [Float]? {
        guard let reader = try open(blob.digest), reader.byteCount == blob.byteCount else { return nil }
        var bytes = [UInt8](repeating: 0, count: reader.byteCount)
        try bytes.withUnsafeMutableBytes { try reader.read(at: 0, into: $0) }
        return stride(from: 0, to: bytes.count, by: 4).map { place in
            let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
            return Float(bitPattern: bits)
        }
    }

    /// Stores numbers in an encoding, and says what they are when they are read again.
    func put(_ values: [Float], _ encoding: TensorEncoding) throws -> (blob: TensorBlob, values: [Float]) {
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
