import Testing
import TributaryAggregation
import TributaryCore
import TributaryMath
import TributaryStore
import TributaryTesting
import TributaryWire

/// Compressed updates on their way into a round: their numbers are stored, and are what whole messages decode to.
@Suite struct CompressedUpdateTests {
    static let encodings = EncodingFamily.all.flatMap(\.examples).filter { $0.plain == nil }

    /// A stored message, and how it is to be checked.
    struct Case {
        let store = MemoryBlobStore()
        let message: [UInt8]
        var check: UpdateCheck

        init(_ message: [UInt8], _ encoding: UpdateEncoding, count: Int, bound: Float = 100) throws {
            self.message = message
            let writer = try store.makeBlob()
            try message.withUnsafeBytes { try writer.append($0) }
            let digest = try writer.finish().digest
            let blob = UpdateBlob(digest: digest, byteCount: message.count, encoding: encoding)
            check = UpdateCheck(
                task: try #require(TaskID("a/1/train")), client: ClientID(1), blob: blob, parameterCount: count,
                bound: bound)
        }

        init(_ encoding: UpdateEncoding, count: Int, seed: Seed, bound: Float = 100) throws {
            var stream = seed.stream()
            let values = (0..<count).map { _ in Float(stream.normal()) }
            try self.init(try encoding.encoded(values, random: &stream), encoding, count: count, bound: bound)
        }

        var verdict: UpdateVerdict { UpdateChecker(store: store).check(check) }
    }

    @Test("The stored numbers are those of the whole message, over any number of blocks", arguments: encodings)
    func numbers(encoding: UpdateEncoding) throws {
        for (index, count) in [1, 2, 63, 4097, 65_535, 65_536, 65_537, 150_000].enumerated() {
            let trial = try Case(encoding, count: count, seed: Seed(UInt64(index)))
            guard case .decoded(let update) = trial.verdict else {
                Issue.record("\(encoding), \(count): \(trial.verdict)")
                continue
            }
            let whole = try encoding.decoded(trial.message, count: count)
            #expect(try trial.store.floats(update.numbers) == whole)
            let squares = whole.reduce(0.0) { $0 + Double($1) * Double($1) }
            #expect(update.norm == squares.squareRoot())
        }
    }

    @Test("Numbers that were named are only looked for, and made again if they have gone")
    func naming() throws {
        var trial = try Case(try UpdateEncoding("topk:0.5"), count: 100, seed: Seed(1))
        guard case .decoded(let update) = trial.verdict else {
            Issue.record("\(trial.verdict)")
            return
        }
        trial.check.decoded = update
        try trial.store.remove(trial.check.blob.digest)
        #expect(trial.verdict == .sound(norm: update.norm))
        try trial.store.remove(update.numbers.digest)
        #expect(trial.verdict == .missing)
        let writer = try trial.store.makeBlob()
        try trial.message.withUnsafeBytes { try writer.append($0) }
        _ = try writer.finish()
        #expect(trial.verdict == .decoded(update))
        #expect(try trial.store.floats(update.numbers)?.count == 100)
    }

    @Test("Bytes that are no update are refused, and nothing is stored of them", arguments: encodings)
    func malformed(encoding: UpdateEncoding) throws {
        var stream = Seed(3).stream()
        for trial in 0..<60 {
            let good = try Case(encoding, count: 300, seed: Seed(UInt64(trial))).message
            var bytes = good
            switch trial % 3 {
            case 0: bytes.removeLast(1 + stream.uniform(below: good.count - 1))
            case 1: bytes.append(UInt8(truncatingIfNeeded: stream.next()))
            default:
                for _ in 0..<8 {
                    bytes[stream.uniform(below: bytes.count)] ^= 1 << UInt8(stream.uniform(below: 8))
                }
            }
            let damaged = try Case(bytes, encoding, count: 300)
            switch damaged.verdict {
            case .refused:
                #expect((try? encoding.decoded(bytes, count: 300))?.allSatisfy { $0.magnitude <= 100 } != true)
                #expect(try damaged.store.blobs().count == 1, "\(encoding): numbers of a refused update are kept")
            case .decoded(let update):
                #expect(try damaged.store.floats(update.numbers) == encoding.decoded(bytes, count: 300))
            case let other: Issue.record("\(encoding): \(other)")
            }
        }
    }

    @Test("A number beyond the bound refuses the update", arguments: encodings)
    func bounds(encoding: UpdateEncoding) throws {
        var stream = Seed(5).stream()
        var values = (0..<70_000).map { _ in Float(stream.uniform()) }
        values[69_000] = 1000
        let message = try encoding.encoded(values, random: &stream)
        let largest = try encoding.decoded(message, count: values.count).map(\.magnitude).max() ?? 0
        let trial = try Case(message, encoding, count: values.count, bound: largest.nextDown)
        #expect(trial.verdict == .refused(.outOfBound))
        #expect(try trial.store.blobs().count == 1)
    }

    @Test("A read that gives other bytes than were announced lets nothing count, and turns nobody away")
    func damage() throws {
        for place in [0, 8, 40] {
            let trial = try Case(try UpdateEncoding("topk:0.5"), count: 100, seed: Seed(1))
            trial.store.damage(trial.check.blob.digest, at: place)
            #expect(trial.verdict == .missing)
        }
    }
}
