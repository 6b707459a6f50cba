/// A reproducible sequence of random numbers: xoshiro256** (Blackman and Vigna 2021) seeded through SplitMix64.
///
/// The draws below are our own, not the standard library's, whose algorithms may change between releases: a seed
/// must give the same run with next year's compiler. Not for keys, masks or released privacy noise.
public struct RandomStream: RandomNumberGenerator, Sendable {
    private var s0, s1, s2, s3: UInt64
    /// The polar method makes normal deviates in pairs; this is the one not yet handed out.
    var spareNormal: Double?

    /// A stream that starts at `seed`.
    public init(_ seed: Seed) {
        let a = Seed.mixed(seed.rawValue)
        let b = Seed.mixed(a)
        let c = Seed.mixed(b)
        let d = Seed.mixed(c)
        (s0, s1, s2, s3) = (a, b, c, d | 1)  // never all zero
    }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        let product = s1 &* 5
        let result = ((product &<< 7) | (product &>> 57)) &* 9
        let shifted = s1 &<< 17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= shifted
        s3 = (s3 &<< 45) | (s3 &>> 19)
        return result
    }

    /// Uniform in [0, 1) with 53 random bits.
    public mutating func uniform() -> Double {
        Double(next() &>> 11) * 0x1p-53
    }

    /// Uniform in 0 ..< `bound`, without bias (Lemire 2019). `bound` must be positive.
    public mutating func uniform(below bound: Int) -> Int {
        precondition(bound > 0, "an empty range has no member to draw")
        let range = UInt64(bound)
        var (high, low) = next().multipliedFullWidth(by: range)
        if low < range {
            let threshold = (0 &- range) % range
            while low < threshold { (high, low) = next().multipliedFullWidth(by: range) }
        }
        return Int(high)
    }

    /// True with the given probability.
    public mutating func bernoulli(_ probability: Double) -> Bool {
        uniform() < probability
    }

    /// Fisher–Yates shuffle in place.
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        elements.withUnsafeMutableBufferPointer { shuffle($0) }
    }

    /// Fisher–Yates shuffle of a buffer in place.
    public mutating func shuffle<Element>(_ elements: UnsafeMutableBufferPointer<Element>) {
        var last = elements.count - 1
        while last > 0 {
            elements.swapAt(last, uniform(below: last + 1))
            last -= 1
        }
    }
}
