/// IEEE 754 half precision as bits, without branches so that loops over it are vectorised, and without a `Float16` that
/// some of our platforms lack.
enum HalfPrecision {
    /// The nearest half, ties to even; beyond the largest an infinity. NaN keeps its sign and the top of its payload.
    @inline(__always)
    static func bits(nearest value: Float) -> UInt16 {
        let magnitude = value.bitPattern & 0x7FFF_FFFF
        // Rebias the exponent from 127 to 15 and drop 13 bits of the significand; a carry runs into the exponent,
        // which is the next power of two, or infinity, as it should be.
        let rebiased = magnitude &- 112 << 23
        let normal = (rebiased &+ 0xFFF &+ (rebiased >> 13 & 1)) >> 13
        // Below 2⁻¹⁴ halves are 2⁻²⁴ apart, as floats are at 0.5: adding that makes the hardware round there.
        let subnormal = (Float(bitPattern: magnitude) + 0.5).bitPattern &- Float(0.5).bitPattern
        let payload = magnitude >> 13 & 0x3FF
        let nan = 0x7C00 | (payload == 0 ? 0x200 : payload)
        let finite = magnitude < 0x3880_0000 ? subnormal : normal
        let orInfinite = magnitude >= 0x4780_0000 ? 0x7C00 : finite
        let result = magnitude > 0x7F80_0000 ? nan : orInfinite
        return UInt16(truncatingIfNeeded: result | (value.bitPattern >> 16 & 0x8000))
    }

    /// The value of a half, exactly.
    @inline(__always)
    static func value(_ bits: UInt16) -> Float {
        let shifted = (UInt32(bits) & 0x7FFF) << 13
        let normal = shifted &+ 112 << 23
        let notFinite = shifted &+ 224 << 23
        // 2⁻¹⁴ with the significand behind it, less 2⁻¹⁴.
        let smallest: UInt32 = 113 << 23
        let subnormal = (Float(bitPattern: smallest | shifted) - Float(bitPattern: smallest)).bitPattern
        let finite = shifted < 0x0080_0000 ? subnormal : normal
        let magnitude = shifted >= 0x0F80_0000 ? notFinite : finite
        return Float(bitPattern: magnitude | (UInt32(bits) & 0x8000) << 16)
    }
}

/// The upper half of single precision as bits.
enum BrainFloat {
    /// The nearest, ties to even; beyond the largest an infinity. NaN keeps its sign and the top of its payload.
    @inline(__always)
    static func bits(nearest value: Float) -> UInt16 {
        let bits = value.bitPattern
        let rounded = (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16
        let top = bits >> 16
        let nan = top & 0x7F == 0 ? top | 0x40 : top
        return UInt16(truncatingIfNeeded: bits & 0x7FFF_FFFF > 0x7F80_0000 ? nan : rounded)
    }

    /// Its value, exactly.
    @inline(__always)
    static func value(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }
}
