import Testing
import TributaryAggregation
import TributaryCore
import TributaryMath
import TributaryStore
import TributaryTesting
import TributaryWire

/// What stays with clients is zero in their updates, wherever it lies, or these do not count.
@Suite struct StillUpdateTests {
    private func verdict(
        _ values: [Float], _ encoding: UpdateEncoding, still: [Range<Int>], bound: Float = 100
    ) throws -> UpdateVerdict {
        let store = MemoryBlobStore()
        var stream = Seed(9).stream()
        let bytes = try encoding.encoded(values, random: &stream)
        let writer = try store.makeBlob()
        try bytes.withUnsafeBytes { try writer.append($0) }
        let blob = UpdateBlob(digest: try writer.finish().digest, byteCount: bytes.count, encoding: encoding)
        let verdict = UpdateChecker(store: store).check(
            UpdateCheck(
                task: try #require(TaskID("a/1/train")), client: ClientID(1), blob: blob,
                parameterCount: values.count, bound: bound, still: still))
        // Nothing is stored of what is refused.
        if case .refused = verdict { #expect(try store.blobs().count == 1) }
        return verdict
    }

    /// Ranges, in order and apart, of a vector.
    private func ranges(_ count: Int, _ stream: inout RandomStream) -> [Range<Int>] {
        var ends = Set((0..<(2 * (1 + stream.uniform(below: 3)))).map { _ in stream.uniform(below: count) }).sorted()
        if ends.count % 2 == 1 { ends.append(count) }
        return stride(from: 0, to: ends.count, by: 2).map { ends[$0]..<ends[$0 + 1] }
    }

    @Test(
        "An update counts if it is zero there, and does not if any one number is not",
        arguments: ["f32", "bf16", "f16"])
    func plain(name: String) throws {
        let encoding = try UpdateEncoding(name)
        for seed in TestSeeds.first(12) {
            var stream = seed.stream()
            let count = stream.bernoulli(0.3) ? 200_000 : 1 + stream.uniform(below: 500)
            let still = ranges(count, &stream)
            var values = (0..<count).map { _ in Float(1 + stream.uniform()) }
            for range in still { for index in range { values[index] = 0 } }
            guard case .sound = try verdict(values, encoding, still: still) else {
                Issue.record("\(seed): a still update was refused")
                continue
            }
            let places = still.flatMap { Array($0) }
            guard !places.isEmpty else { continue }
            let ends = still.flatMap { [$0.lowerBound, $0.upperBound - 1] }
            for place in ends + [places[stream.uniform(below: places.count)]] {
                var moved = values
                moved[place] = stream.bernoulli(0.5) ? 0.5 : -0.5
                #expect(try verdict(moved, encoding, still: still) == .refused(.outOfBound), "\(seed), \(place)")
                moved[place] = -0.0
                #expect(try verdict(moved, encoding, still: still) != .refused(.outOfBound))
            }
        }
    }

    @Test("So it is with one that came compressed, and over several blocks")
    func compressed() throws {
        let encoding = try UpdateEncoding("topk:0.5")
        for count in [300, 150_000] {
            let still = [count / 2..<count]
            var values = (0..<count).map { $0 < count / 2 ? Float(1 + $0 % 5) : 0 }
            guard case .decoded = try verdict(values, encoding, still: still) else {
                Issue.record("\(count): a still update was refused")
                continue
            }
            values[count - 1] = 50
            #expect(try verdict(values, encoding, still: still) == .refused(.outOfBound))
        }
    }

    @Test("What is wrong everywhere is said first")
    func otherReasons() throws {
        let encoding = UpdateEncoding(.float32)
        #expect(try verdict([1, .nan, 1], encoding, still: [2..<3]) == .refused(.notFinite))
        #expect(try verdict([1, 0, .infinity], encoding, still: [2..<3]) == .refused(.notFinite))
        #expect(try verdict([1, 2, 3], encoding, still: []) == .sound(norm: 14.0.squareRoot()))
    }
}
