import Crypto
import Synchronization
import TributaryCore
import TributaryWire

/// A model on its way in: decoded as it arrives, so that its bytes are never held beside its numbers. A transfer that
/// breaks off goes on where it was.
final class ModelReceiver: DownloadReceiver {
    private struct State {
        var decoder: TensorDecoder
        var hash = SHA256()
        var values: [Float]
        var received = 0
        /// The bytes of a difference that was asked for; nil if none was.
        var differenceBytes: Int?
    }

    private let blob: TensorBlob
    private let server: String
    private let state: Mutex<State>

    init(_ blob: TensorBlob, count: Int, server: String) {
        self.blob = blob
        self.server = server
        state = Mutex(
            State(
                decoder: TensorDecoder(encoding: blob.encoding, count: count), values: []))
    }

    /// How many bytes are there.
    var received: Int { state.withLock { $0.received } }

    /// How many bytes have come, those of a difference with them.
    var transferred: Int { state.withLock { $0.received + ($0.differenceBytes ?? 0) } }

    /// Whether the model might come as a difference: none was asked for, and nothing of the whole is there.
    var mayTakeDifference: Bool { state.withLock { $0.received == 0 && $0.differenceBytes == nil } }

    /// A difference was asked for: whatever came of it, the next attempt is for the whole.
    func noteDifference(byteCount: Int) { state.withLock { $0.differenceBytes = byteCount } }

    func begin(at offset: Int) throws {
        try state.withLock { state in
            // Not before: clients that share a model's download make many receivers, of which one is used.
            if state.values.count != state.decoder.count {
                state.values = [Float](repeating: 0, count: state.decoder.count)
            }
            if offset == state.received { return }
            guard offset == 0 else { throw self.damaged("it came from byte \(offset) on, which nobody asked for") }
            Self.restart(&state, blob)
        }
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { state in
            let failure = state.values.withUnsafeMutableBufferPointer { values -> TensorDecoder.LengthError? in
                do throws(TensorDecoder.LengthError) {
                    try state.decoder.decode(bytes, into: values)
                    return nil
                } catch {
                    return error
                }
            }
            if let failure {
                Self.restart(&state, blob)
                throw self.damaged(failure.description)
            }
            state.hash.update(bufferPointer: bytes)
            state.received += bytes.count
        }
    }

    /// The model, once all of it is there: then the receiver is empty again. Throws if it is another, or cut off.
    func take() throws -> [Float] {
        try state.withLock { state in
            guard state.received == blob.byteCount else {
                throw ClientError(
                    .unreachable, "\(self.server): the model broke off at \(state.received) of \(blob.byteCount) bytes",
                    failure: .transient(nil))
            }
            let digest = BlobDigest(bytes: state.hash.finalize().map { $0 })
            var values: [Float] = []
            swap(&values, &state.values)
            guard digest == blob.digest else {
                swap(&values, &state.values)
                Self.restart(&state, blob)
                throw self.damaged("its bytes have another digest")
            }
            return values
        }
    }

    private static func restart(_ state: inout State, _ blob: TensorBlob) {
        state.decoder = TensorDecoder(encoding: blob.encoding, count: state.decoder.count)
        state.hash = SHA256()
        state.received = 0
    }

    private func damaged(_ reason: String) -> ClientError {
        ClientError(
            .damaged, "\(server): the model \(blob.digest.rawValue.prefix(12)) arrived damaged: \(reason)",
            failure: .damaged)
    }
}
