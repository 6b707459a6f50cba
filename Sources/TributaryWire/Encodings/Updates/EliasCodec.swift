import TributaryCore
import TributaryMath

/// QSGD's levels in as many bits as they are large: each magnitude plus one in Elias' gamma code (Elias 1975), then a sign
/// unless it is zero.
///
/// A block begins with the length of its bits in bytes (4 bytes) and its buckets' norms; then follow the codes of all its
/// coordinates, the lowest bit first, filled up with zero bits to a whole byte. A number m ≥ 1 with N bits behind its leading
/// one is N zero bits, a one, and those N bits, the lowest first. The sign bit of a negative level is one.
struct EliasCodec: UpdateCodec {
    private let quantiser: NormQuantiser
    private let bucketLength: Int
    private let words: EliasWords

    init(_ quantiser: NormQuantiser, bucket: Int) {
        self.quantiser = quantiser
        bucketLength = bucket
        words = EliasWords(magnitudeCount: quantiser.magnitudeCount)
    }

    var prefixLength: Int { 4 }

    private func normByteCount(of count: Int) -> Int { 4 * ((count + bucketLength - 1) / bucketLength) }

    private func bitByteCounts(of count: Int) -> ClosedRange<Int> {
        (count + 7) / 8...(count * words.longest + 7) / 8
    }

    func byteCounts(of count: Int) -> ClosedRange<Int> {
        let (whole, rest) = count.quotientAndRemainder(dividingBy: UpdateEncoding.blockLength)
        let (full, last) = (bitByteCounts(of: UpdateEncoding.blockLength), bitByteCounts(of: rest))
        let fixed = normByteCount(of: count) + 4 * (whole + (rest > 0 ? 1 : 0))
        return fixed + whole * full.lowerBound + last.lowerBound...fixed + whole * full.upperBound + last.upperBound
    }

    func bodyLength(
        of block: UpdateBlock, prefix: UnsafeRawBufferPointer
    ) throws(UpdateFormatError) -> Int {
        let length: UInt32 = prefix.number(at: 0)
        let allowed = bitByteCounts(of: block.count)
        guard allowed.contains(Int(length)) else {
            throw block.error(
                "its codes take \(length) bytes; it must be \(allowed.lowerBound) to \(allowed.upperBound)")
        }
        return normByteCount(of: block.count) + Int(length)
    }

    func decode(
        _ body: UnsafeRawBufferPointer, of block: UpdateBlock, into values: UnsafeMutableBufferPointer<Float>
    ) throws(UpdateFormatError) {
        var norm = 0
        var bits = EliasReader(body.part(normByteCount(of: block.count)..<body.count))
        for bucket in block.buckets(of: bucketLength) {
            let scales = BucketScales(body.float(at: norm))
            norm += 4
            let target = UnsafeMutableBufferPointer(rebasing: values[bucket])
            let problem = quantiser.problem(with: scales) ?? decodeBucket(scales, from: &bits, into: target)
            if let problem { throw block.error(problem) }
        }
        guard bits.isAtEnd else {
            throw block.error("its codes do not end where it says, or end in bits that are not zero")
        }
    }

    /// Reads a bucket's levels; what is wrong with them, or nil.
    private func decodeBucket(
        _ scales: BucketScales, from bits: inout EliasReader, into values: UnsafeMutableBufferPointer<Float>
    ) -> String? {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 256) { levels in
            levels.initialize(repeating: 0)
            guard let base = levels.baseAddress else { return nil }
            // The codec's codes begin at level −s, the reader's table at −128.
            quantiser.writeLevels(scales, to: base + 128 - quantiser.magnitudeCount)
            guard let largest = bits.read(base, into: values), largest <= quantiser.magnitudeCount else {
                return "it has a code beyond its last level"
            }
            return scales.first == 0 && largest > 0 ? "its norm is zero but its levels are not" : nil
        }
    }

    func encode(
        _ update: UnsafeBufferPointer<Float>, random: inout RandomStream, to message: inout MessageBytes
    ) throws(UpdateEncodingError) {
        var lanes = RandomLanes(from: &random)
        var codes = [UInt8](repeating: 0, count: UpdateEncoding.blockLength)
        for block in UpdateBlock.all(of: update.count) {
            let prefix = message.count
            message.append(UInt32(0))
            for bucket in block.buckets(of: bucketLength) {
                let start = block.range.lowerBound + bucket.lowerBound
                let numbers = UnsafeBufferPointer(rebasing: update[start..<start + bucket.count])
                let seen = VectorLevel.best.summary(of: numbers)
                guard seen.isFinite else { throw .notFinite }
                let scales = codes.withUnsafeMutableBufferPointer { codes in
                    quantiser.quantise(
                        numbers, seen: seen, random: &lanes,
                        codes: codes.baseAddress.unsafelyUnwrapped + bucket.lowerBound)
                }
                guard quantiser.problem(with: scales) == nil else { throw .outOfRange }
                message.append(scales.first)
            }
            let most = bitByteCounts(of: block.count).upperBound
            var used = 0
            message.append(zeros: most) { used = words.write(codes[..<block.count], to: $0) }
            message.removeLast(most - used)
            message.replace(at: prefix, with: UInt32(used))
        }
    }
}
