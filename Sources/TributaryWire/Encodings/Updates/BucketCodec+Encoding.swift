import TributaryCore
import TributaryMath

extension BucketCodec {
    func encode(
        _ update: UnsafeBufferPointer<Float>, random: inout RandomStream, to message: inout MessageBytes
    ) throws(UpdateEncodingError) {
        var rotation: BucketRotation?
        if isRotated {
            let seed = random.next()
            message.append(seed)
            rotation = BucketRotation(seed: seed)
        }
        var lanes = RandomLanes(from: &random)
        var memory = BucketMemory(length: bucketLength, isRotated: isRotated)
        for start in stride(from: 0, to: update.count, by: bucketLength) {
            let bucket = UnsafeBufferPointer(rebasing: update[start..<min(start + bucketLength, update.count)])
            let seen = VectorLevel.best.summary(of: bucket)
            guard seen.isFinite else { throw .notFinite }
            let scales =
                if let rotation {
                    memory.quantise(
                        bucket, seen: seen, with: quantiser, rotation: rotation, at: start, random: &lanes)
                } else {
                    memory.quantise(bucket, seen: seen, with: quantiser, random: &lanes)
                }
            guard quantiser.problem(with: scales) == nil else { throw .outOfRange }
            message.append(scales.first)
            if quantiser.scaleCount > 1 { message.append(scales.second) }
            let coded = codedCount(bucket.count)
            message.append(zeros: VectorLevel.packedByteCount(coded, bits: quantiser.bits)) { bytes in
                VectorLevel.best.pack(memory.codes, count: coded, bits: quantiser.bits, into: bytes)
            }
        }
    }
}

/// A bucket's codes, and its numbers as they are rotated.
struct BucketMemory {
    private(set) var codes: [UInt8]
    private var rotated: [Float]

    init(length: Int, isRotated: Bool) {
        codes = [UInt8](repeating: 0, count: length)
        rotated = [Float](repeating: 0, count: isRotated ? length : 0)
    }

    /// Quantises a bucket as it is.
    mutating func quantise(
        _ bucket: UnsafeBufferPointer<Float>, seen: VectorSummary, with quantiser: some BucketQuantiser,
        random: inout RandomLanes
    ) -> BucketScales {
        quantiser.quantise(bucket, seen: seen, random: &random, codes: &codes)
    }

    /// Quantises a bucket that is rotated first, filled up with zeros.
    mutating func quantise(
        _ bucket: UnsafeBufferPointer<Float>, seen: VectorSummary, with quantiser: some BucketQuantiser,
        rotation: BucketRotation, at coordinate: Int, random: inout RandomLanes
    ) -> BucketScales {
        let count = BucketRotation.paddedCount(bucket.count)
        let (scales, factor) = rotated.withUnsafeMutableBufferPointer { memory in
            let rotated = UnsafeMutableBufferPointer(rebasing: memory[..<count])
            let rest = rotated.update(fromContentsOf: bucket)
            rotated[rest...].update(repeating: 0)
            let factor = rotation.rotate(rotated, at: coordinate, largest: seen.largest)
            let numbers = UnsafeBufferPointer(rotated)
            let seen = VectorLevel.best.summary(of: numbers)
            return (quantiser.quantise(numbers, seen: seen, random: &random, codes: &codes), factor)
        }
        let scaled = scales.scaled(by: factor)
        // The smallest numbers there are may not have a scale of their own any more.
        if let code = quantiser.onlyCode(scaled) {
            for place in 0..<count { codes[place] = code }
        }
        return scaled
    }
}
