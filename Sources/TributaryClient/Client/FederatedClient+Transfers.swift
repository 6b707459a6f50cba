import Synchronization
import TributaryCore
import TributaryWire

extension FederatedClient {
    /// Fetches what is missing of a task's model and vectors; false if that failed, which the session then knows. What has
    /// arrived stays in the receiver.
    func download(_ task: TaskDescription, into receiver: inout TaskReceiver) async throws -> Bool {
        while let (blob, part) = receiver.missing.first {
            guard let values = try await download(blob, of: task, into: part) else { return false }
            receiver.received(values)
        }
        return true
    }

    private func download(
        _ blob: TensorBlob, of task: TaskDescription, into receiver: ModelReceiver
    ) async throws -> [Float]? {
        let start = clock.now
        let (before, bytesBefore) = (receiver.received, receiver.transferred)
        do {
            let values = try await values(of: blob, of: task, into: receiver)
            let count = receiver.transferred - bytesBefore
            observer.observed(.downloaded(task.id, byteCount: max(0, count), start.duration(to: clock.now)))
            return values
        } catch let error as ClientError {
            if receiver.received > before { tell { session, _, _ in session.progressed() } }
            tell(error, of: .download)
            return nil
        }
    }

    private func values(
        of blob: TensorBlob, of task: TaskDescription, into receiver: ModelReceiver
    ) async throws -> [Float] {
        if blob.digest == task.model.digest { return try await model(of: task, into: receiver) }
        guard let models else { return try await fetch(blob, receiver) }
        return try await models.weights(of: blob.digest) { try await self.fetch(blob, receiver) }
    }

    /// The model from where it is to be had: from a cache, as the difference to a former one, or as a whole.
    private func model(of task: TaskDescription, into receiver: ModelReceiver) async throws -> [Float] {
        guard let cache = models ?? (task.offersDifference ? formerModels : nil) else {
            if let measured = await formerModels.take(task.model.digest) { return measured }
            let weights = try await fetch(task.model, receiver)
            // Whoever is invited by its loss trains from the same model.
            if task.id.kind == .measure { await formerModels.keep(task.model.digest, weights) }
            return weights
        }
        let former = task.offersDifference && receiver.mayTakeDifference ? await cache.former(of: task.id.run) : nil
        let weights = try await cache.weights(of: task.model.digest) {
            if let former, let model = try await self.fetch(task, from: former, receiver) { return model }
            return try await self.fetch(task.model, receiver)
        }
        await cache.used(task.model.digest, for: task.id.run)
        return weights
    }

    /// The model by its difference to a former one, or whole where the server has it so; nil if what came is of no use. It is
    /// tried once: a transfer that breaks off is followed by that of the whole model, which can go on where it was.
    private func fetch(
        _ task: TaskDescription, from former: FormerModel, _ receiver: ModelReceiver
    ) async throws -> [Float]? {
        guard let difference = DifferenceReceiver(task.model, count: task.layout.count, from: former) else {
            return nil
        }
        defer { receiver.noteDifference(byteCount: difference.received) }
        let answer: TransportAnswer
        do {
            answer = try await coordinator.transport.download(
                task.model.digest, basedOn: former.digest, credential: credential, into: receiver,
                difference: difference)
        } catch let error as ClientError {
            if difference.isDamaged { return nil }
            throw error
        }
        if answer.isDifference { return difference.take() }
        guard answer.isBlob else { throw coordinator.refusal(answer, of: .download) }
        return try receiver.take()
    }

    private func fetch(_ model: TensorBlob, _ receiver: ModelReceiver) async throws -> [Float] {
        if receiver.received < model.byteCount || model.byteCount == 0 {
            let answer = try await coordinator.transport.download(
                model.digest, from: receiver.received, credential: credential, into: receiver)
            guard answer.isBlob else { throw coordinator.refusal(answer, of: .download) }
        }
        return try receiver.take()
    }

    /// Sends what the server has not got of the update.
    func upload(_ finished: FinishedTask) async throws {
        guard case .trained(let update) = finished.result else {
            return tell { session, _, _ in session.uploaded(for: finished.id) }
        }
        let start = clock.now
        defer { noteTime(since: start, at: \.upload) }
        do {
            let unkept = course.withLock { $0.unkeptUpdate }
            let content = if let unkept { unkept } else { try await storing { try $0.updateContent() } }
            let sent = try await send(content, update.blob)
            tell { session, _, _ in session.uploaded(for: finished.id) }
            observer.observed(.uploaded(finished.id, byteCount: sent, start.duration(to: clock.now)))
        } catch let error as ClientError {
            tell(error, of: .upload)
        }
    }

    /// Sends an update's bytes, from where the server has them; returns how many were sent.
    private func send(_ content: any UpdateContent, _ blob: UpdateBlob) async throws -> Int {
        let isFresh = course.withLock { course in
            defer { course.hasFreshUpdate = false }
            return course.hasFreshUpdate
        }
        var offset = isFresh ? 0 : try await arrived(of: blob)
        var sent = 0
        // A server that takes a part at a time gets one after the other; one that never gets on is left.
        var setbacks = 0
        while setbacks < 4 {
            let answer = try await coordinator.transport.upload(
                blob.digest, from: offset, of: content, credential: credential)
            if answer.status == 201 { return sent + blob.byteCount - offset }
            guard answer.status == 204 || answer.status == 409,
                let next = ConnectHeader.byteCount(answer.uploadOffset)
            else { throw uploadRefusal(answer) }
            guard next <= blob.byteCount else { break }
            if next > offset {
                if answer.status == 204 { sent += next - offset }
                tell { session, _, _ in session.progressed() }
            } else {
                setbacks += 1
            }
            offset = next
        }
        throw ClientError(
            .refused, "\(coordinator.transport.server): the upload does not get beyond byte \(offset)",
            failure: .transient(nil))
    }

    private func arrived(of blob: UpdateBlob) async throws -> Int {
        let answer = try await coordinator.transport.uploadState(of: blob.digest, credential: credential)
        if answer.status == 200, let offset = ConnectHeader.byteCount(answer.uploadOffset) {
            return min(offset, blob.byteCount)
        }
        // Either there is nothing of it, or the bytes will be refused with a reason that can be read. That they are not
        // wanted any more is clear enough.
        if answer.isBodilessRefusal, answer.status != 403 { return 0 }
        throw coordinator.refusal(answer, of: .upload)
    }

    private func uploadRefusal(_ answer: TransportAnswer) -> ClientError {
        let refusal = coordinator.refusal(answer, of: .upload)
        guard answer.status == 422, refusal.failure == .refused else { return refusal }
        return ClientError(
            .damaged, "\(coordinator.transport.server): the update's bytes arrived damaged", failure: .damaged)
    }
}
