import TributaryCore
import TributaryMath
import TributaryWire

/// What becomes of an update on its way, where it is compressed.
extension ClientTraining {
    /// Puts what the server will read in the place of the update; the entry notes how large the message was, how far off
    /// it is, and what the client will remember. Returns why the update cannot be sent; nil if it can.
    func compress(
        _ compression: Compression, on slot: WorkerSlot<T>, _ entry: inout Contributions.Entry
    ) -> UpdateRefusal? {
        let remembered = compression.hasErrorFeedback ? state.clients.values[entry.client] : nil
        let residual = remembered.map { head.shared(of: Array($0.suffix(global.count))) } ?? []
        var compressor = UpdateCompressor(
            compression.encoding,
            feedback: compression.hasErrorFeedback ? ErrorFeedback(residual: residual, pending: nil) : nil)
        var stream = seed.derived("compression", UInt64(round.rawValue), entry.client.rawValue).stream()
        do throws(UpdateEncodingError) {
            let message = try compressor.compress(head.shared(of: slot.weights), random: &stream)
            slot.weights = head.whole(message.decoded)
            entry.norm = message.decoded.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            entry.encoded = Contributions.Encoded(
                byteCount: message.bytes.count, relativeError: message.report.relativeError)
        } catch {
            return slot.weights.allSatisfy(\.isFinite) ? .outOfBound : .notFinite
        }
        if let left = compressor.feedback?.pending {
            entry.memory = (entry.memory ?? methodMemory(of: entry.client)) + head.whole(left)
        }
        return nil
    }

    /// What the method has the client remember, without what compression adds.
    func methodMemory(of client: ClientID) -> [Float] {
        guard !form.memory.isEmpty else { return [] }
        let memory = state.clients.memory(of: client, parameterCount: global.count)
        return Array(memory.prefix(form.memory.count * global.count))
    }
}

extension UpdateEncoding {
    /// The bytes of an update of so many parameters, as far as they do not depend on it: what virtual time goes by before
    /// anybody has trained. Of an encoding whose length varies, that of an update of normal numbers.
    func typicalByteCount(parameterCount: Int) -> Int {
        if let plain { return parameterCount * plain.bytesPerElement }
        var stream = Seed(0).derived("typical-update").stream()
        // Layouts go by blocks: one of them says what all of them take.
        let sampled = min(parameterCount, UpdateEncoding.blockLength)
        let update = (0..<sampled).map { _ in Float(stream.normal(mean: 0, deviation: 1)) }
        guard sampled > 0, let bytes = try? encoded(update, random: &stream).count else { return 0 }
        return Int((Double(bytes) * Double(parameterCount) / Double(sampled)).rounded())
    }
}
