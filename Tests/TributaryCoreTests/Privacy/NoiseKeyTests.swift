import Testing
import TributaryCore
import TributaryMath

@Suite struct NoiseKeyTests {
    private static func key(_ seed: UInt64 = 1) -> NoiseKey {
        var stream = Seed(seed).stream()
        return NoiseKey.random(using: &stream)
    }

    @Test func theKeyStreamIsThatOfTheStandard() throws {
        // RFC 8439, section 2.3.2: the block with counter 1.
        let key = try #require(NoiseKey(bytes: (0..<32).map { UInt8($0) }))
        var stream = NoiseStream(key: key, nonce: SIMD3(0x0900_0000, 0x4a00_0000, 0), counter: 1)
        let expected: [UInt64] = [
            0x1559_3bd1_e4e7_f110, 0xc471_20a3_1fdd_0f50, 0x0368_c033_c7f4_d1c7, 0x4e6c_d4c3_9aaa_2204,
            0x09aa_9f07_4664_82d2, 0xa202_8bd9_05d7_c214, 0xb94e_16de_d19c_12b5, 0x4e3c_50a2_e883_d0cb,
        ]
        // Eight blocks are handed out in turn.
        let numbers = (0..<64).map { _ in stream.next() }
        #expect(stride(from: 0, to: 64, by: 8).map { numbers[$0] } == expected)
        for block in 1..<8 as Range<UInt32> {
            var later = NoiseStream(key: key, nonce: SIMD3(0x0900_0000, 0x4a00_0000, 0), counter: 1 + block)
            let others = (0..<64).map { _ in later.next() }
            #expect((0..<8).allSatisfy { others[8 * $0] == numbers[8 * $0 + Int(block)] })
        }
        // And so are the next eight.
        var ninth = NoiseStream(key: key, nonce: SIMD3(0x0900_0000, 0x4a00_0000, 0), counter: 9)
        expectEqual(stream.next(), ninth.next())
    }

    @Test func derivedKeysAreAllDifferentAndTheSameEveryTime() {
        let key = Self.key()
        let derived = [
            key, key.derived("a"), key.derived("a", 1), key.derived("a", 1, 2), key.derived("a", 2, 1),
            key.derived("b", 1), key.derived("a1"), key.derived("a", 1 << 32), key.derived("a", 0),
            key.derived("a", 0, 0), key.derived(""),
            key.derived("aa"), Self.key(2).derived("a", 1),
        ]
        #expect(Set(derived).count == derived.count)
        let firsts = derived.map { key in
            var stream = key.stream()
            return stream.next()
        }
        #expect(Set(firsts).count == derived.count)
        #expect(key.derived("a", 1) == key.derived("a", 1))
    }

    @Test func aKeyIsStoredAsItsBytesAndShownToNobody() {
        let key = Self.key()
        #expect(NoiseKey(bytes: key.bytes) == key)
        #expect(NoiseKey(bytes: []) == nil && NoiseKey(bytes: [UInt8](repeating: 0, count: 33)) == nil)
        var text = ""
        dump(key, to: &text)
        for shown in ["\(key)", String(reflecting: key), text, "\([key])", "\(Optional(key) as Any)"] {
            #expect(shown.contains("redacted"), "\(shown)")
            #expect(!key.bytes.contains { shown.contains("\($0),") })
        }
    }
}
