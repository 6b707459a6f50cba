import Testing
import TributaryMath
import TributaryTesting

@Suite struct RandomWordsTests {
    /// The published first outputs of SplitMix64 from two seeds.
    @Test func seededWordsAreThoseOfSplitMix() {
        let zero = SeededWords(seed: 0)
        #expect((0..<3).map { zero[$0] } == [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F])
        let other = SeededWords(seed: 1_234_567)
        #expect((0..<2).map { other[$0] } == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973])
    }

    @Test func lanesAreEightGenerators() {
        var source = Seed(5).stream()
        var lanes = RandomLanes(from: &source)
        var words = [UInt32](repeating: 0, count: 48)
        words.withUnsafeMutableBufferPointer { lanes.fill($0) }
        var again = Seed(5).stream()
        var state = (0..<32).map { _ in again.next() }
        for lane in 24..<32 { state[lane] |= 1 }
        for lane in 0..<8 {
            var generator = [state[lane], state[8 + lane], state[16 + lane], state[24 + lane]]
            for turn in 0..<3 {
                let place = 16 * turn + 2 * lane
                #expect(UInt64(words[place]) | UInt64(words[place + 1]) << 32 == Self.next(&generator))
            }
        }
        // What follows goes on from there.
        #expect(source.next() == again.next())
    }

    /// xoshiro256** as its authors give it.
    private static func next(_ s: inout [UInt64]) -> UInt64 {
        func rotated(_ x: UInt64, _ k: UInt64) -> UInt64 { x << k | x >> (64 - k) }
        let result = rotated(s[1] &* 5, 7) &* 9
        let t = s[1] << 17
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotated(s[3], 45)
        return result
    }
}
