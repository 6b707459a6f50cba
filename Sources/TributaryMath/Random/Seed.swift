/// The root of every random choice in a run, and of every choice derived from it.
///
/// A run has one 64-bit seed. Whoever needs randomness derives a seed of its own by a label and indices, so adding
/// a consumer never shifts another's draws, and any one draw can be made again without making those before it:
///
/// ```swift
/// var stream = run.seed.derived("shuffle", round, client).stream()
/// ```
public struct Seed: Hashable, Sendable {
    /// The 64 bits themselves.
    public let rawValue: UInt64

    /// A seed with the given bits.
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// A seed for one purpose (`label`) and one place (`indices`), statistically independent of its parent and
    /// of its siblings.
    public func derived(_ label: StaticString, _ indices: UInt64...) -> Seed {
        var state = Self.mixed(rawValue ^ 0x5851_F42D_4C95_7F2D)
        label.withUTF8Buffer { bytes in
            for byte in bytes { state = Self.mixed(state ^ UInt64(byte)) }
        }
        // The label's end and each index pass the mixer apart, so ("a", 1) and ("a1") cannot meet by concatenation.
        state = Self.mixed(state ^ 0xA076_1D64_78BD_642F)
        for index in indices { state = Self.mixed(Self.mixed(index) &+ state) }
        return Seed(state)
    }

    /// A stream of random numbers that starts at this seed.
    public func stream() -> RandomStream {
        RandomStream(self)
    }

    /// The finaliser of SplitMix64 (Steele, Lea and Flood 2014) on the next value of its Weyl sequence.
    static func mixed(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z &>> 31)
    }
}
