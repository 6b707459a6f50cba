import TributaryCore
import TributaryMath
import TributaryWire

/// An update as it is sent.
struct UpdateMessage: Sendable {
    let content: any UpdateContent
    let encoding: UpdateEncoding
    /// ‖v̂ − v‖² / ‖v‖² of what is decoded; nil for plain numbers.
    var error: Double?
    /// What the run's updates will have left out once this one is accepted; nil where nothing is kept of that.
    var residual: [Float]?
}

extension FederatedClient {
    /// Writes an update as its task wants it. Throws a `TaskFailure` if it cannot be written so.
    func message(of update: LocalUpdate, for task: TaskDescription) async throws -> UpdateMessage {
        guard update.message.isEmpty else { return try update.withMessages(for: task) }
        guard let compression = task.compression else {
            let content = NumbersContent(bytes: TensorBytes(update.values, encoding: task.updateEncoding))
            return UpdateMessage(content: content, encoding: UpdateEncoding(task.updateEncoding))
        }
        let residual = compression.hasErrorFeedback ? try await residual(for: task) : nil
        return try await withTaskExecutorPreference(TrainingExecutor.shared) {
            try update.compressed(compression, leftOut: residual, for: task)
        }
    }

    /// What earlier updates of the run have left out. A client that cannot read it goes on without: its updates are poorer, not
    /// wrong.
    private func residual(for task: TaskDescription) async throws -> [Float] {
        do {
            let residual = try await storing { try $0.residual(of: task.id.run) } ?? []
            return residual.count == task.layout.count && residual.allSatisfy(\.isFinite) ? residual : []
        } catch let error as ClientError {
            observer.observed(.stateNotKept(error))
            return []
        }
    }
}

extension LocalUpdate {
    /// The update with the method's messages behind it.
    fileprivate func withMessages(for task: TaskDescription) throws(TaskFailure) -> UpdateMessage {
        guard task.compression == nil, task.updateEncoding == .float32 else {
            throw TaskFailure(.failed, "the task has its update shortened, and its method sends messages with it")
        }
        let content = NumbersContent(bytes: TensorBytes(values + message, encoding: .float32))
        return UpdateMessage(content: content, encoding: UpdateEncoding(.float32))
    }

    /// The update with what was left out before, compressed. With nil nothing is added or kept.
    fileprivate func compressed(
        _ compression: Compression, leftOut residual: [Float]?, for task: TaskDescription
    ) throws(TaskFailure) -> UpdateMessage {
        var compressor = UpdateCompressor(
            compression.encoding, feedback: residual.map { ErrorFeedback(residual: $0, pending: nil) })
        var stream = Seed(task.seed).derived("compression").stream()
        let message: UpdateCompressor.Message
        do throws(UpdateEncodingError) {
            message = try compressor.compress(values, random: &stream)
        } catch {
            throw TaskFailure(.failed, "the update cannot be written as \(compression.encoding): \(error.description)")
        }
        let largest = message.decoded.reduce(0 as Float) { max($0, abs($1)) }
        guard Double(largest) <= task.updateBound else {
            throw TaskFailure(
                .failed,
                "written as \(compression.encoding) the update reaches \(largest), beyond the task's bound of "
                    + "\(task.updateBound)")
        }
        return UpdateMessage(
            content: BytesContent(bytes: message.bytes), encoding: compression.encoding,
            error: message.report.relativeError, residual: compressor.feedback?.pending)
    }
}

/// An update's numbers, written as they are sent, so that their bytes are never held beside them.
private struct NumbersContent: UpdateContent {
    let bytes: TensorBytes

    var byteCount: Int { bytes.count }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) {
        bytes.write(offset..<(offset + buffer.count), into: buffer)
    }
}

/// Bytes that are sent as they are.
private struct BytesContent: UpdateContent {
    let bytes: [UInt8]

    var byteCount: Int { bytes.count }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) {
        buffer.copyBytes(from: bytes[offset..<(offset + buffer.count)])
    }
}
