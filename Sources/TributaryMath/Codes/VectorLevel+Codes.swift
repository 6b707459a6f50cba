internal import CTributaryKernels

/// Rounding numbers to codes, and codes as bits.
extension VectorLevel {
    /// Rounds each number to one of the neighbouring levels origin, origin + step, … at random, so that the expected level is
    /// the number. `random` has a word for each; codes are 0 ... `top`, which is 255 at most.
    package func roundToLevels(
        _ values: UnsafeBufferPointer<Float>, origin: Double, inverseStep: Double, top: Int,
        random: UnsafePointer<UInt32>, codes: UnsafeMutablePointer<UInt8>
    ) {
        precondition((0...255).contains(top), "a code is a byte")
        tributary_round_levels(
            rawValue, values.baseAddress, values.count, origin, inverseStep, UInt32(top), random, codes)
    }

    /// The number of the ascending thresholds that each number reaches.
    package func countThresholds(
        _ thresholds: UnsafeBufferPointer<Float>, reachedBy values: UnsafeBufferPointer<Float>,
        codes: UnsafeMutablePointer<UInt8>
    ) {
        tributary_count_thresholds(
            rawValue, values.baseAddress, values.count, thresholds.baseAddress, thresholds.count, codes)
    }

    /// Packs codes of so many bits (1 ... 8), the lowest bit first, into the bytes they take; bits left over are zero.
    package func pack(
        _ codes: UnsafePointer<UInt8>, count: Int, bits: Int, into bytes: UnsafeMutableRawBufferPointer
    ) {
        precondition((1...8).contains(bits) && bytes.count == Self.packedByteCount(count, bits: bits), "codes' bytes")
        guard let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
        tributary_pack(rawValue, codes, count, UInt32(bits), base)
    }

    /// Reads packed codes as the numbers that a table has for them, and returns the largest code. The table has an entry for
    /// each of the 2^`bits` codes. Bits left over are not looked at.
    package func unpack(
        _ bytes: UnsafeRawBufferPointer, bits: Int, table: UnsafePointer<Float>,
        into values: UnsafeMutableBufferPointer<Float>
    ) -> Int {
        precondition(
            (1...8).contains(bits) && bytes.count == Self.packedByteCount(values.count, bits: bits), "codes' bytes")
        guard let base = bytes.bindMemory(to: UInt8.self).baseAddress, let target = values.baseAddress else { return 0 }
        return Int(tributary_unpack(rawValue, base, values.count, UInt32(bits), table, target))
    }

    /// The bytes that packed codes take.
    package static func packedByteCount(_ count: Int, bits: Int) -> Int { (count * bits + 7) / 8 }
}
