import TributaryMath

/// Damages inputs at random: the same seed gives the same damage.
struct Mutator {
    private var stream: RandomStream
    private let seeds: [[UInt8]]
    private static let edges: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF, 0x22, 0x7B, 0x5B, 0x2F, 0x2C]
    private static let words = [
        "18446744073709551616", "-1", "1e999", "NaN", "null", "[[[[", "{\"", "\\ud800", "\u{0}", "\"\"", "\u{FEFF}",
    ].map { Array($0.utf8) }

    init(seeds: [[UInt8]], seed: Seed) {
        self.seeds = seeds
        stream = seed.stream()
    }

    /// One of the good inputs, damaged once or a few times; now and then mere noise.
    mutating func next() -> [UInt8] {
        if seeds.isEmpty || stream.bernoulli(0.02) {
            return (0..<stream.uniform(below: 200)).map { _ in byte() }
        }
        var bytes = seeds[stream.uniform(below: seeds.count)]
        for _ in 0...stream.uniform(below: 4) { damage(&bytes) }
        return bytes
    }

    private mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: stream.next()) }

    private mutating func damage(_ bytes: inout [UInt8]) {
        let place = stream.uniform(below: bytes.count + 1)
        let end = min(bytes.count, place + stream.uniform(below: 16))
        switch stream.uniform(below: 9) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(stream.uniform(below: 8))
        case 1 where place < bytes.count: bytes[place] = byte()
        case 2 where place < bytes.count: bytes[place] = Self.edges[stream.uniform(below: Self.edges.count)]
        case 3: bytes.removeSubrange(place...)
        case 4: bytes.removeSubrange(place..<end)
        case 5: bytes.insert(contentsOf: bytes[place..<end], at: end)
        case 6: bytes.insert(contentsOf: Self.words[stream.uniform(below: Self.words.count)], at: place)
        case 7: bytes.insert(byte(), at: place)
        default: bytes = Array(bytes[..<place]) + seeds[stream.uniform(below: seeds.count)].dropFirst(place)
        }
    }
}
