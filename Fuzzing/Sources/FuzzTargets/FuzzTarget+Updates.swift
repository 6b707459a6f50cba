import TributaryCore
import TributaryMath
import TributaryWire

extension FuzzTarget {
    /// Encodings of updates. The first two bytes of an input are the number of coordinates.
    static let updates: [FuzzTarget] = names.map { family in
        let encodings = family.encodings.compactMap { try? UpdateEncoding($0) }
        precondition(encodings.count == family.encodings.count, "an encoding is named that there is not")
        let seeds = encodings.flatMap { encoding in [0, 1, 3, 70, 600].map { message(encoding, count: $0) } }
        return FuzzTarget("update-\(family.name)", seeds: seeds) { bytes in
            guard bytes.count >= 2 else { return }
            let count = Int(bytes[0]) | Int(bytes[1]) << 8
            for encoding in encodings { read(Array(bytes.dropFirst(2)), encoding, count: count) }
        }
    }

    private static let names: [(name: String, encodings: [String])] = [
        ("plain", ["f32", "f16", "bf16"]),
        ("klevel", ["klevel:2", "klevel:5:bucket=64", "klevel:16:rotated"]),
        ("qsgd", ["qsgd:2", "qsgd:8:bucket=64"]),
        ("elias", ["qsgd:2:elias", "qsgd:4:elias", "qsgd:8:elias:bucket=64"]),
        ("topk", ["topk:0.05", "topk:0.3:f16", "topk:1:bf16"]),
        ("randk", ["randk:0.05", "randk:1:f16"]),
        ("rotated", ["drive", "eden:1:bucket=64", "eden:3", "eden:4:contractive"]),
    ]

    private static func message(_ encoding: UpdateEncoding, count: Int) -> [UInt8] {
        var stream = Seed(UInt64(count)).stream()
        let update = (0..<count).map { _ in stream.bernoulli(0.3) ? 0 : Float(stream.normal()) }
        let bytes = (try? encoding.encoded(update, random: &stream)) ?? []
        return [UInt8(truncatingIfNeeded: count), UInt8(truncatingIfNeeded: count >> 8)] + bytes
    }

    private static func read(_ bytes: [UInt8], _ encoding: UpdateEncoding, count: Int) {
        guard let update = try? encoding.decoded(bytes, count: count) else { return }
        precondition(update.count == count, "an update of another length than was asked for")
        // There is one way only to write plain numbers and the largest ones.
        guard encoding.plain != nil || encoding.description.hasPrefix("topk") else { return }
        var stream = Seed(1).stream()
        let again = try? encoding.encoded(update, random: &stream)
        precondition(again == bytes, "an update did not come back as it was written")
    }
}
