import Crypto
import TributaryCore
import TributaryMath
import TributaryWire

/// An update as a client of the world made it, bytes and meaning.
struct ArchivedUpdate {
    let task: TaskID
    let client: ClientID
    let blob: UpdateBlob
    let bytes: [UInt8]
    /// The numbers that the bytes stand for: plain ones are read by other code than the product's, compressed ones by the
    /// product's decoder of whole updates.
    let values: [Float]
}

/// All updates that clients have made, by their digests: what checks compare the coordinator's doings with.
///
/// The updates of a task are few numbers that follow from the seed, the task and the client, so that the same work gives
/// the same bytes again, whatever happened in between.
struct UpdateArchive {
    private let seed: Seed
    private var updates: [BlobDigest: [ArchivedUpdate]] = [:]

    init(seed: Seed) {
        self.seed = seed
    }

    /// The update of a client for a task: the same each time. Another `variant` is another update.
    mutating func make(_ task: TaskDescription, _ client: ClientID, variant: UInt64 = 0) -> ArchivedUpdate {
        var stream = stream("update", task.id, client, variant)
        let bound = Float(task.updateBound)
        var values = (0..<task.layout.count).map { _ in Self.coordinate(within: bound, &stream) }
        for bound in task.method?.messageBounds ?? [] {
            values += (0..<task.layout.count).map { _ in Self.coordinate(within: Float(bound), &stream) }
        }
        if let noise = try? task.localNoise?.noise(count: values.count) {
            var random = self.stream("noise", task.id, client, variant)
            _ = noise.protect(&values, using: &random)
        }
        return file(values, task, client)
    }

    /// An update of the given numbers as its task wants it; of numbers that cannot be compressed, as plain ones.
    mutating func file(_ values: [Float], _ task: TaskDescription, _ client: ClientID) -> ArchivedUpdate {
        var random = stream("compression", task.id, client)
        guard let encoding = task.compression?.encoding, let bytes = try? encoding.encoded(values, random: &random),
            let decoded = try? encoding.decoded(bytes, count: values.count)
        else { return file(values, task.id, client, task.updateEncoding) }
        return file(bytes, decoded, task.id, client, encoding)
    }

    /// An update of the given numbers, which travel as they are.
    mutating func file(
        _ values: [Float], _ task: TaskID, _ client: ClientID, _ encoding: TensorEncoding
    ) -> ArchivedUpdate {
        let bytes = encoding.encoded(values)
        return file(bytes, Self.numbers(bytes, encoding), task, client, UpdateEncoding(encoding))
    }

    private mutating func file(
        _ bytes: [UInt8], _ values: [Float], _ task: TaskID, _ client: ClientID, _ encoding: UpdateEncoding
    ) -> ArchivedUpdate {
        let update = ArchivedUpdate(
            task: task, client: client,
            blob: UpdateBlob(digest: .sha256(of: bytes), byteCount: bytes.count, encoding: encoding), bytes: bytes,
            values: values)
        let isNew =
            updates[update.blob.digest]?.contains { $0.task == task && $0.client == client && $0.blob == update.blob }
            != true
        if isNew { updates[update.blob.digest, default: []].append(update) }
        return update
    }

    /// What a row's update was made as: the same bytes stand for other numbers in another encoding, or of a model of another
    /// length.
    func update(of row: ContributionRow, parameterCount: Int) -> ArchivedUpdate? {
        let updates = updates[row.update.blob.digest]?.filter { $0.blob == row.update.blob }
        return updates?.first { $0.values.count == parameterCount } ?? updates?.first
    }

    /// Randomness that belongs to a client's task.
    func stream(_ label: StaticString, _ task: TaskID, _ client: ClientID, _ index: UInt64 = 0) -> RandomStream {
        let run = task.run.rawValue.utf8.reduce(0 as UInt64) { $0 &* 31 &+ UInt64($1) }
        let kind: UInt64 = (task.kind == .train ? 0 : 1) + 2 * UInt64(task.wave ?? 0)
        return seed.derived(label, run, UInt64(task.round.rawValue), kind, client.rawValue, index).stream()
    }

    /// Numbers of all sizes: ordinary ones, the bound itself, zeros of both signs and subnormal ones.
    private static func coordinate(within bound: Float, _ stream: inout RandomStream) -> Float {
        let sign: Float = stream.bernoulli(0.5) ? 1 : -1
        switch stream.uniform(below: 16) {
        case 0: return sign * 0
        case 1: return sign * .leastNonzeroMagnitude * Float(1 + stream.uniform(below: 1000))
        case 2: return sign * largest(within: bound)
        case 3: return sign * min(bound, 0x1p-20) * Float(stream.uniform())
        default: return sign * min(bound / 2, 4) * Float(stream.uniform())
        }
    }

    /// A number that is within the bound in every encoding.
    private static func largest(within bound: Float) -> Float {
        min(Float(bitPattern: bound.bitPattern & 0xFFFF_0000), 32_768)
    }

    /// The meaning of bytes: float32 and bfloat16 by their bit patterns, half precision by the language's own type.
    static func numbers(_ bytes: [UInt8], _ encoding: TensorEncoding) -> [Float] {
        func word(_ place: Int, _ count: Int) -> UInt32 {
            (0..<count).reduce(0) { $0 | UInt32(bytes[place + $1]) << (8 * UInt32($1)) }
        }
        let width = encoding.bytesPerElement
        return (0..<(bytes.count / width)).map { index in
            switch encoding {
            case .float32: Float(bitPattern: word(4 * index, 4))
            case .bfloat16: Float(bitPattern: word(2 * index, 2) << 16)
            case .float16: Float(Float16(bitPattern: UInt16(word(2 * index, 2))))
            }
        }
    }
}

extension ArchivedUpdate {
    /// The bytes that a coordinator is to keep of it: of a compressed update those of its numbers.
    var keptBytes: [UInt8] { blob.encoding.plain == nil ? TensorEncoding.float32.encoded(values) : bytes }
}

extension BlobDigest {
    /// The digest of bytes.
    static func sha256(of bytes: [UInt8]) -> BlobDigest {
        guard let digest = BlobDigest(bytes: Array(SHA256.hash(data: bytes))) else {
            preconditionFailure("a SHA-256 has 32 bytes")
        }
        return digest
    }
}
