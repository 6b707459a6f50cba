import Testing
import TributaryCore
import TributaryMath
import TributaryTesting
import TributaryWire

/// Bytes that are not what an encoder would write.
@Suite struct DamagedUpdateTests {
    /// Damaged anywhere, bytes give numbers or an error of one line.
    @Test(arguments: EncodingSamples.names, TestSeeds.first(4))
    func damagedBytesNeverTrap(name: String, seed: Seed) throws {
        let encoding = try UpdateEncoding(name)
        var stream = seed.stream()
        for count in [0, 1, 5, 70, 600] {
            let update = EncodingSamples.normal(count, seed).map { $0.magnitude < 0.004 ? 0 : $0 }
            let bytes = try EncodingSamples.encode(update, encoding, seed)
            for _ in 0..<300 {
                var damaged = bytes
                for _ in 0...stream.uniform(below: 3) { Self.damage(&damaged, &stream) }
                do {
                    let decoded = try encoding.decoded(damaged, count: count)
                    #expect(decoded.count == count)
                    // There is one way only to write what is sparse or plain.
                    if name.hasPrefix("topk") || encoding.plain != nil {
                        #expect(try EncodingSamples.encode(decoded, encoding, seed) == damaged)
                    }
                } catch let error as UpdateFormatError {
                    #expect(!error.description.isEmpty && !error.description.contains("\n"))
                }
            }
        }
    }

    @Test(arguments: EncodingSamples.names)
    func otherLengthsAreRefused(name: String) throws {
        let encoding = try UpdateEncoding(name)
        let count = 1_000
        let bytes = try EncodingSamples.encode(EncodingSamples.normal(count, Seed(20)), encoding, Seed(20))
        for other in [Array(bytes.dropLast()), bytes + [0], []] {
            #expect(throws: UpdateFormatError.self) { try encoding.decoded(other, count: count) }
        }
        let sizes = encoding.byteCounts(of: count)
        let error = #expect(throws: UpdateFormatError.self) {
            try UpdateDecoder(encoding, count: count, byteCount: sizes.upperBound + 1)
        }
        #expect(error?.refusal == .wrongSize && error?.description.contains("\(sizes.upperBound)") == true)
    }

    /// What an encoder would not write, one flaw at a time.
    @Test(arguments: [
        // Codes of two bits for three levels: the fourth code; bits behind the last code.
        Flaw("klevel:3", 2, [0, 0, 0, 0, 0, 0, 128, 63, 0b1100], "beyond its last level"),
        Flaw("klevel:3", 2, [0, 0, 0, 0, 0, 0, 128, 63, 0b10000], "behind its last code"),
        // From 1 to 0; from 0 to 0 with a code; from −0 to 0; from 0 to infinity.
        Flaw("klevel:2", 1, [0, 0, 128, 63, 0, 0, 0, 0, 0], "not in order"),
        Flaw("klevel:2", 1, [0, 0, 0, 0, 0, 0, 0, 0, 1], "all one"),
        Flaw("klevel:2", 1, [0, 0, 0, 128, 0, 0, 0, 0, 0], "negative zero"),
        Flaw("klevel:2", 1, [0, 0, 0, 0, 0, 0, 128, 127, 0], "not a finite"),
        // A norm of −1; the code behind the last; no norm but a level.
        Flaw("qsgd:2", 1, [0, 0, 128, 191, 1], "negative"),
        Flaw("qsgd:2", 1, [0, 0, 128, 63, 3], "beyond its last level"),
        Flaw("qsgd:2", 1, [0, 0, 0, 0, 2], "all one"),
        // Bits: none that are a level; too many bytes; a level without a norm; a level beyond the last.
        Flaw("qsgd:2:elias", 1, [1, 0, 0, 0, 0, 0, 128, 63, 0], "beyond its last level"),
        Flaw("qsgd:2:elias", 8, [2, 0, 0, 0, 0, 0, 128, 63, 0xFF, 0], "do not end"),
        Flaw("qsgd:2:elias", 1, [1, 0, 0, 0, 0, 0, 0, 0, 0b0010], "norm is zero"),
        Flaw("qsgd:2:elias", 1, [1, 0, 0, 0, 0, 0, 128, 63, 0b0110], "beyond its last level"),
        Flaw("qsgd:2:elias", 1, [1, 0, 0, 0, 0, 0, 128, 63, 0b11], "not zero"),
        // Entries: more than the share; not ascending; out of the block; zero; not a number; a bitmap with too few.
        Flaw("topk:0.1", 20, [3, 0, 0, 0] + [UInt8](repeating: 0, count: 10), "2 are left"),
        Flaw("topk:0.1", 40, [2, 0, 0, 0, 7, 0, 7, 0] + [0, 0, 128, 63, 0, 0, 128, 63], "ascend"),
        Flaw("topk:0.1", 20, [1, 0, 0, 0, 20, 0] + [0, 0, 128, 63], "ascend"),
        Flaw("topk:0.1", 20, [1, 0, 0, 0, 3, 0] + [0, 0, 0, 128], "zero"),
        Flaw("topk:0.1", 20, [1, 0, 0, 0, 3, 0] + [0, 0, 192, 127], "finite"),
        Flaw("topk:1", 8, [2, 0, 0, 0, 0b100] + [0, 0, 128, 63, 0, 0, 128, 63], "ascend"),
        Flaw("topk:1", 4, [2, 0, 0, 0, 0b10001] + [0, 0, 128, 63, 0, 0, 128, 63], "ascend"),
        Flaw("randk:0.1", 10, [1, 2, 3, 4, 5, 6, 7, 8] + [0, 0, 192, 255], "finite"),
        // No scale but a sign.
        Flaw("drive", 1, [1, 2, 3, 4, 5, 6, 7, 8] + [0, 0, 0, 0, 1], "all one"),
    ])
    func everyFlawIsNamed(flaw: Flaw) throws {
        let error = #expect(throws: UpdateFormatError.self) {
            try UpdateEncoding(flaw.name).decoded(flaw.bytes, count: flaw.count)
        }
        #expect(error?.description.contains(flaw.hint) == true, "\(error?.description ?? "")")
    }

    @Test func aBlockMayNotTakeWhatIsLeftForOthers() throws {
        // 70,000 coordinates in two blocks: 7 entries in all.
        let encoding = try UpdateEncoding("topk:0.0001")
        let first: [UInt8] = [7, 0, 0, 0] + (0..<7).flatMap { [$0, 0] } + (0..<7).flatMap { _ in [0, 0, 128, 63] }
        let second: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0, 128, 63]
        #expect(try encoding.decoded(first + [0, 0, 0, 0], count: 70_000).count { $0 == 1 } == 7)
        #expect(throws: UpdateFormatError.self) { try encoding.decoded(first + second, count: 70_000) }
    }

    private static func damage(_ bytes: inout [UInt8], _ stream: inout RandomStream) {
        let place = stream.uniform(below: bytes.count + 1)
        let end = min(bytes.count, place + stream.uniform(below: 6))
        switch stream.uniform(below: 12) {
        case 0...5 where place < bytes.count: bytes[place] ^= 1 << UInt8(stream.uniform(below: 8))
        case 6...7 where place < bytes.count: bytes[place] = UInt8(truncatingIfNeeded: stream.next())
        case 8: bytes.removeSubrange(place..<end)
        case 9: bytes.insert(contentsOf: bytes[place..<end], at: end)
        case 10: bytes.append(UInt8(truncatingIfNeeded: stream.next()))
        default: if !bytes.isEmpty { bytes.swapAt(0, stream.uniform(below: bytes.count)) }
        }
    }
}

/// A message with one flaw.
struct Flaw: Sendable, CustomTestStringConvertible {
    let name: String
    let count: Int
    let bytes: [UInt8]
    /// Words of what is said about it.
    let hint: String

    init(_ name: String, _ count: Int, _ bytes: [UInt8], _ hint: String) {
        (self.name, self.count, self.bytes, self.hint) = (name, count, bytes, hint)
    }

    var testDescription: String { "\(name): \(hint)" }
}
