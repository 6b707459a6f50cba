import Crypto
import Synchronization
import TributaryCore
import TributaryWire

/// A model that a client had, as it can be asked for a difference to.
struct FormerModel: Sendable {
    /// Its digest.
    let digest: BlobDigest
    /// Its numbers.
    let weights: [Float]
}

/// A model on its way in as the difference to a former one: put together as it arrives, block by block.
///
/// It is taken once, or not at all: whatever is wrong with it, the whole model is to be had the usual way.
final class DifferenceReceiver: DownloadReceiver {
    private struct State {
        var decoder: ModelDeltaDecoder
        var numbers: TensorDecoder
        var values: [Float] = []
        var hash = SHA256()
        var received = 0
        var isDamaged = false
    }

    private let blob: TensorBlob
    private let old: TensorBytes
    private let state: Mutex<State>

    /// A receiver of a model by its difference to another; nil if they differ in length.
    init?(_ blob: TensorBlob, count: Int, from former: FormerModel) {
        guard former.weights.count == count, blob.byteCount == count * blob.encoding.bytesPerElement else { return nil }
        self.blob = blob
        old = TensorBytes(former.weights, encoding: blob.encoding)
        state = Mutex(
            State(
                decoder: ModelDeltaDecoder(
                    byteCount: blob.byteCount, bytesPerElement: blob.encoding.bytesPerElement),
                numbers: TensorDecoder(encoding: blob.encoding, count: count)))
    }

    /// How many bytes have come.
    var received: Int { state.withLock { $0.received } }
    /// Whether what has come is no difference of these models.
    var isDamaged: Bool { state.withLock { $0.isDamaged } }

    func begin(at offset: Int) throws {
        try state.withLock { state in
            guard offset == 0, state.received == 0 else { throw Self.damaged(&state) }
            state.values = [Float](repeating: 0, count: state.numbers.count)
        }
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { state in
            state.received += bytes.count
            guard !state.isDamaged, Self.decode(bytes, old, &state) else { throw Self.damaged(&state) }
        }
    }

    /// The model; nil if what came does not make it.
    func take() -> [Float]? {
        state.withLock { state in
            guard !state.isDamaged, (try? state.decoder.finish()) != nil,
                state.numbers.decodedCount == state.numbers.count,
                BlobDigest(bytes: state.hash.finalize().map { $0 }) == blob.digest
            else { return nil }
            var values: [Float] = []
            swap(&values, &state.values)
            return values
        }
    }

    /// Puts together what a chunk makes whole; false if it is none.
    private static func decode(_ bytes: UnsafeRawBufferPointer, _ old: TensorBytes, _ state: inout State) -> Bool {
        var (numbers, hash, values, fits) = (state.numbers, state.hash, state.values, true)
        // So that there is one owner of the numbers while they are written.
        state.values = []
        defer { (state.numbers, state.hash, state.values) = (numbers, hash, values) }
        do throws(ModelDeltaError) {
            try state.decoder.decode(
                bytes,
                old: { (offset, space) throws(Never) in old.write(offset..<offset + space.count, into: space) },
                new: { block in
                    hash.update(bufferPointer: block)
                    let failed = values.withUnsafeMutableBufferPointer { places in
                        (try? numbers.decode(block, into: places)) == nil
                    }
                    if failed { fits = false }
                })
        } catch {
            return false
        }
        return fits
    }

    private static func damaged(_ state: inout State) -> ClientError {
        state.isDamaged = true
        return ClientError(.damaged, "the model's difference to a former one arrived damaged", failure: .damaged)
    }
}
