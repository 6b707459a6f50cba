import TributaryCore

extension FederatedClient {
    /// The method of a task; nil if there is nothing beside training. Throws a `TaskFailure` for one that is not known here: an
    /// update without it would be refused.
    func method(of task: TaskDescription) throws(TaskFailure) -> (any FederatedMethod)? {
        guard let asked = task.method else { return nil }
        do throws(PlanError) {
            let method = try settings.catalogue.method(asked.text)
            let form = method.form
            guard form.name == asked.form else {
                throw PlanError("its form is '\(asked.form)', and this client knows '\(form.name)'")
            }
            guard asked.vectors.isEmpty || asked.vectors.count == form.sentCount else {
                throw PlanError("\(asked.vectors.count) vectors come with it, and its form has \(form.sentCount)")
            }
            return method
        } catch {
            throw TaskFailure(
                .failed, "this client does not know the task's method \(asked.text): \(error.description)")
        }
    }

    /// Has the trainer do a task, and makes of that the update that the server takes.
    func trainedUpdate(
        for task: TaskDescription, from given: GivenModel, _ progress: TaskProgress
    ) async throws -> LocalUpdate {
        let weights = given.weights
        let personal = try personalWork(of: task)
        guard let method = try method(of: task) else {
            if let personal { return try await trainedUpdate(for: task, personal, from: weights, progress) }
            var update = try await trainer.train(task, from: weights, progress: progress)
            let largest = try update.makeDifference(from: weights, for: task)
            try update.check(largest: largest, for: task)
            return update
        }
        let remembered = try await remembered(for: task, method.form, personal)
        let memory = remembered.method
        // Before the first step the vectors are zeros, and do not come.
        let sent =
            given.sent.isEmpty
            ? [Float](repeating: 0, count: method.form.sentCount * weights.count) : given.sent
        let measured = try await measure(method.form.measure, for: task, at: weights)
        let correction = method.correction(count: weights.count, sent: sent, memory: memory)
        var update =
            correction.isEmpty
            ? try await trainer.train(task, from: weights, progress: progress)
            : try await trainer.train(task, from: weights, correctedBy: correction, progress: progress)
        _ = try update.makeDifference(from: weights, for: task)
        update.memory = memory
        try update.finish(task, by: method, measured, sent: sent)
        try await trainOwn(task, personal, remembered.own, beside: weights, &update, progress)
        try update.check(largest: update.largest, for: task)
        return update
    }

    /// What the client remembers of the run: what it had made by its last update that came to count. If that is lost, it begins
    /// anew, as it did before its first: from zero by a method, from the global model for itself.
    func remembered(
        for task: TaskDescription, _ form: MethodForm?, _ personal: PersonalWork?
    ) async throws -> Remembered {
        let (run, own) = (task.id.run, personal?.keptLength ?? 0)
        let count = (form?.memory.count ?? 0) * task.layout.count
        let blank = Remembered(method: [Float](repeating: 0, count: count))
        guard count + own > 0, let round = task.countedRound else { return blank }
        do {
            let kept = try await storing { try $0.memory(of: run, since: round) }
            // A task of evaluation does not say what its run's method has clients remember, which lies before their own.
            let isWhole = kept.map { task.id.kind == .train ? $0.count == count + own : $0.count >= own } ?? false
            if let kept, isWhole, kept.allSatisfy(\.isFinite) {
                return Remembered(method: Array(kept.prefix(count)), own: own > 0 ? kept.suffix(own) : nil)
            }
        } catch let error as ClientError {
            // It may be there for the next task: to begin anew would make it wrong for good.
            throw TaskFailure(.failed, "what the client remembers of \(run) cannot be read: \(error.message)")
        }
        observer.observed(.stateSetAside("what the client remembered of \(run) since \(round) is gone: it begins anew"))
        return blank
    }

    /// Keeps what the client is to remember if an update comes to count. Without it the update must not be sent: the server
    /// would go by what its client does not know of.
    func keepMemory(of update: LocalUpdate, for task: TaskDescription) async throws {
        guard !update.memory.isEmpty else { return }
        let (memory, id, base) = (update.memory, task.id, task.countedRound)
        do {
            try await storing { try $0.keepMemory(memory, of: id.run, in: id.round, beside: base) }
        } catch let error as ClientError {
            observer.observed(.stateNotKept(error))
            throw TaskFailure(.failed, "what the client is to remember cannot be kept: \(error.message)")
        }
    }

    /// What a method wants measured before training.
    private func measure(
        _ measure: MethodForm.Measure, for task: TaskDescription, at weights: [Float]
    ) async throws -> (loss: Double, gradient: [Float]) {
        switch measure {
        case .nothing: return (0, [])
        case .loss: return (try await trainer.loss(task, at: weights), [])
        case .gradient:
            let measured = try await trainer.gradient(task, at: weights)
            guard measured.gradient.count == weights.count else {
                throw TaskFailure(
                    .failed,
                    "the trainer's gradient has \(measured.gradient.count) values; the model has \(weights.count)")
            }
            return measured
        }
    }
}

/// What a client goes on from in a run.
struct Remembered: Sendable {
    /// What the method has it remember.
    var method: [Float]
    /// What it has for itself; nil before the first update of its that counted, and where nothing is.
    var own: [Float]?
}

extension FederatedMethod {
    /// What is added to every gradient; empty for nothing.
    fileprivate func correction(count: Int, sent: [Float], memory: [Float]) -> [Float] {
        guard correctsGradients, !sent.isEmpty || !memory.isEmpty else { return [] }
        var correction = [Float](repeating: 0, count: count)
        var span = correction.mutableSpan
        writeOffset(&span, sent: sent.span, memory: memory.span)
        return correction
    }
}

extension LocalUpdate {
    /// Makes what is sent of the difference, and the report that goes with it.
    fileprivate mutating func finish(
        _ task: TaskDescription, by method: some FederatedMethod, _ measured: (loss: Double, gradient: [Float]),
        sent: [Float]
    ) throws(TaskFailure) {
        guard let solver = task.solver else { throw TaskFailure(.failed, "the task does not say how to train") }
        var work = LocalWork(solver: solver, outcome: outcome(for: task))
        (work.loss, work.gradient, work.sent) = (measured.loss, measured.gradient, sent)
        let form = method.form
        // Taken out while it is written, so that it is not copied.
        var (memory, message): ([Float], [Float]) = (
            self.memory, [Float](repeating: 0, count: form.messages.count * values.count)
        )
        self.memory = []
        var memories = memory.mutableSpan
        var messages = message.mutableSpan
        var updates = values.mutableSpan
        let figures = method.finish(work, update: &updates, memory: &memories, message: &messages)
        let report = MethodReport(form: form.name, figures: figures)
        guard form.refusal(of: report) == nil else {
            throw TaskFailure(.failed, "the method's figures \(figures) are not such as it may have")
        }
        guard memory.allSatisfy(\.isFinite) else {
            throw TaskFailure(.failed, "what the client is to remember has numbers that are not finite")
        }
        for (place, bound) in form.messages.map(\.bound).enumerated() {
            let piece = message[place * values.count..<(place + 1) * values.count]
            guard piece.allSatisfy({ abs($0) <= Float(bound) }) else {
                throw TaskFailure(.failed, "a message of the method goes beyond its bound of \(bound)")
            }
        }
        (self.report, self.memory, self.message) = (report, memory, message)
    }
}
