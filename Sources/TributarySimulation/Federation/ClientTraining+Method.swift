import TributaryCore
import TributaryMath

/// A client's part of a round where a method has something to say beside plain averaging.
extension ClientTraining {
    /// Trains as the method has it; the worker holds the update and the messages then, the entry the rest.
    func train(
        by method: some FederatedMethod, _ task: inout TrainingTask, on slot: WorkerSlot<T>,
        _ entry: inout Contributions.Entry
    ) {
        let count = global.count
        var memory = methodMemory(of: task.client)
        let (loss, gradient) = measure(task.client, on: slot)
        if method.correctsGradients, form.sentCount > 0 || !memory.isEmpty {
            if slot.offset.count != count { slot.offset = [Float](repeating: 0, count: count) }
            // Taken out while it is written, so that it is not copied.
            var offset = slot.offset
            slot.offset = []
            var span = offset.mutableSpan
            method.writeOffset(&span, sent: sent.span, memory: memory.span)
            task.offset = offset
        }
        entry.outcome = trainer.train(task, weights: &slot.weights, workspace: &slot.workspace)
        slot.offset = task.offset
        entry.norm = ModelDifference.replace(&slot.weights, minus: global).norm
        var work = LocalWork(solver: task.solver, outcome: entry.outcome)
        (work.loss, work.gradient, work.sent) = (loss, gradient, sent)
        finish(work, by: method, memory: &memory, on: slot, &entry)
    }

    private func measure(_ client: ClientID, on slot: WorkerSlot<T>) -> (Double, [Float]) {
        switch form.measure {
        case .nothing: return (0, [])
        case .loss: return (trainer.loss(of: client, at: global, workspace: &slot.workspace), [])
        case .gradient:
            var gradient: [Float] = []
            let loss = trainer.gradient(of: client, at: global, into: &gradient, workspace: &slot.workspace)
            return (loss, gradient)
        }
    }

    private func finish(
        _ work: LocalWork, by method: some FederatedMethod, memory: inout [Float], on slot: WorkerSlot<T>,
        _ entry: inout Contributions.Entry
    ) {
        var (update, message) = (slot.weights, slot.message)
        (slot.weights, slot.message) = ([], [])
        let length = form.messages.count * update.count
        message.removeAll(keepingCapacity: true)
        message.append(contentsOf: repeatElement(0, count: length))
        var updates = update.mutableSpan
        var memories = memory.mutableSpan
        var messages = message.mutableSpan
        entry.figures = method.finish(work, update: &updates, memory: &memories, message: &messages)
        (slot.weights, slot.message) = (update, message)
        if !memory.isEmpty { entry.memory = memory }
    }

    /// Why what goes with a trained update cannot be used; nil if it can.
    func messageRefusal(_ entry: Contributions.Entry, on slot: WorkerSlot<T>) -> UpdateRefusal? {
        precondition(entry.figures.count == form.figures.count, "a method with other figures than it declares")
        if let refusal = form.refusal(of: entry.figures) { return refusal }
        for (place, message) in form.messages.enumerated() {
            let bound = Float(message.bound)
            let piece = slot.message[place * global.count..<(place + 1) * global.count]
            guard !piece.allSatisfy({ abs($0) <= bound }) else { continue }
            return piece.allSatisfy(\.isFinite) ? .outOfBound : .notFinite
        }
        return nil
    }

    /// Adds the messages, which have been looked at, every client counting alike.
    func foldMessages(on slot: WorkerSlot<T>) {
        guard !form.messages.isEmpty else { return }
        slot.message.withUnsafeBufferPointer { message in
            for place in form.messages.indices {
                let piece = UnsafeBufferPointer(
                    rebasing: message[place * global.count..<(place + 1) * global.count])
                let refusals = slot.messageSums[place]?.add([piece], weights: [1])
                precondition(refusals == [nil], "a message that was looked at was refused")
            }
        }
    }
}
