import TributaryCore
import TributaryMath

/// Quantised numbers, rotated or not: for each bucket its scales, then a code of a few bits for each number, the lowest bit first,
/// filled up with zero bits to a whole byte. Rotated ones have the rotation's seed as their header.
struct BucketCodec<Quantiser: BucketQuantiser>: UpdateCodec {
    let quantiser: Quantiser
    let isRotated: Bool
    let bucketLength: Int
    private var rotation: BucketRotation?

    init(_ quantiser: Quantiser, isRotated: Bool, bucket: Int) {
        self.quantiser = quantiser
        self.isRotated = isRotated
        bucketLength = bucket
    }

    var headerLength: Int { isRotated ? 8 : 0 }

    /// The numbers that are coded for so many of a bucket.
    func codedCount(_ count: Int) -> Int { isRotated ? BucketRotation.paddedCount(count) : count }

    private func bucketByteCount(_ count: Int) -> Int {
        4 * quantiser.scaleCount + VectorLevel.packedByteCount(codedCount(count), bits: quantiser.bits)
    }

    private func byteCount(of count: Int) -> Int {
        let (whole, rest) = count.quotientAndRemainder(dividingBy: bucketLength)
        return whole * bucketByteCount(bucketLength) + (rest == 0 ? 0 : bucketByteCount(rest))
    }

    func byteCounts(of count: Int) -> ClosedRange<Int> {
        let size = headerLength + byteCount(of: count)
        return size...size
    }

    mutating func readHeader(_ bytes: UnsafeRawBufferPointer) {
        rotation = BucketRotation(seed: bytes.number(at: 0))
    }

    func bodyLength(of block: UpdateBlock, prefix: UnsafeRawBufferPointer) -> Int { byteCount(of: block.count) }
}

extension BucketCodec {
    func decode(
        _ body: UnsafeRawBufferPointer, of block: UpdateBlock, into values: UnsafeMutableBufferPointer<Float>
    ) throws(UpdateFormatError) {
        var start = 0
        for bucket in block.buckets(of: bucketLength) {
            let bytes = body.part(start..<start + bucketByteCount(bucket.count))
            start += bytes.count
            let target = UnsafeMutableBufferPointer(rebasing: values[bucket])
            let coordinate = block.range.lowerBound + bucket.lowerBound
            let coded = codedCount(bucket.count)
            let problem =
                if coded == bucket.count {
                    decodeBucket(bytes, at: coordinate, into: target)
                } else {
                    withUnsafeTemporaryAllocation(of: Float.self, capacity: coded) { padded in
                        let problem = decodeBucket(bytes, at: coordinate, into: padded)
                        _ = target.update(fromContentsOf: padded[..<bucket.count])
                        return problem
                    }
                }
            if let problem { throw block.error(problem) }
        }
    }

    /// Reads a bucket whose numbers are all coded; what is wrong with it, or nil.
    private func decodeBucket(
        _ bytes: UnsafeRawBufferPointer, at coordinate: Int, into values: UnsafeMutableBufferPointer<Float>
    ) -> String? {
        let scales = BucketScales(bytes.float(at: 0), quantiser.scaleCount > 1 ? bytes.float(at: 4) : 0)
        let codes = bytes.part(4 * quantiser.scaleCount..<bytes.count)
        if let problem = quantiser.problem(with: scales) { return problem }
        let usedBits = values.count * quantiser.bits % 8
        guard usedBits == 0 || codes[codes.count - 1] >> UInt8(usedBits) == 0 else {
            return "the bits behind its last code are not zero"
        }
        let (largest, scale) = unpack(codes, scales, into: values)
        guard largest < quantiser.codeCount else { return "it has a code beyond its last level" }
        if quantiser.onlyCode(scales) != nil, !isConstant(codes, scales, count: values.count) {
            return "its levels are all one but its codes are not the one they must be"
        }
        rotation?.rotateBack(values, at: coordinate, scale: scale)
        return nil
    }

    /// Reads the codes as levels, of which a rotation wants a power of two left out that it multiplies by in the end.
    private func unpack(
        _ codes: UnsafeRawBufferPointer, _ scales: BucketScales, into values: UnsafeMutableBufferPointer<Float>
    ) -> (largest: Int, scale: Float) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 256) { levels in
            levels.initialize(repeating: 0)
            guard let base = levels.baseAddress else { return (0, 1) }
            quantiser.writeLevels(scales, to: base)
            var exponent = 0
            if isRotated {
                let used = UnsafeBufferPointer(rebasing: levels[..<quantiser.codeCount])
                exponent = BucketRotation.exponent(above: VectorLevel.best.summary(of: used).largest)
                let scale = Float(sign: .plus, exponent: -exponent, significand: 1)
                for code in 0..<quantiser.codeCount { levels[code] *= scale }
            }
            let largest = VectorLevel.best.unpack(codes, bits: quantiser.bits, table: base, into: values)
            return (largest, Float(sign: .plus, exponent: exponent, significand: 1))
        }
    }

    /// Whether all codes are the one that they must be where all levels are the same.
    private func isConstant(_ codes: UnsafeRawBufferPointer, _ scales: BucketScales, count: Int) -> Bool {
        guard let code = quantiser.onlyCode(scales) else { return true }
        return withUnsafeTemporaryAllocation(byteCount: codes.count, alignment: 1) { expected in
            let all = [UInt8](repeating: code, count: count)
            VectorLevel.best.pack(all, count: count, bits: quantiser.bits, into: expected)
            return codes.elementsEqual(expected)
        }
    }
}

extension BucketQuantiser {
    /// What is wrong with a bucket's scales; nil if nothing is.
    func problem(with scales: BucketScales) -> String? {
        guard scales.isFinite else { return "its scale is not a finite number" }
        // Zero is written one way only, so that there is one way to write a bucket.
        let negativeZero = (-Float.zero).bitPattern
        guard scales.first.bitPattern != negativeZero, scales.second.bitPattern != negativeZero else {
            return "its scale is a negative zero"
        }
        return allows(scales) ? nil : "its scales are negative, too large or not in order"
    }
}
