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
            return method
        } catch {
            throw TaskFailure(
                .failed, "this client does not know the task's method \(asked.text): \(error.description)")
        }
    }

    /// Has the trainer do a task, and makes of that the update that the server takes.
    func trainedUpdate(
        for task: TaskDescription, from weights: [Float], _ progress: TaskProgress
    ) async throws -> LocalUpdate {
        guard let method = try method(of: task) else {
            var update = try await trainer.train(task, from: weights, progress: progress)
            let largest = try update.makeDifference(from: weights, for: task)
            try update.check(largest: largest, for: task)
            return update
        }
        let measured = try await measure(method.form.measure, for: task, at: weights)
        var update = try await trainer.train(task, from: weights, progress: progress)
        _ = try update.makeDifference(from: weights, for: task)
        try update.finish(task, by: method, measured)
        try update.check(largest: update.largest, for: task)
        return update
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

extension LocalUpdate {
    /// Makes what is sent of the difference, and the report that goes with it.
    fileprivate mutating func finish(
        _ task: TaskDescription, by method: some FederatedMethod, _ measured: (loss: Double, gradient: [Float])
    ) throws(TaskFailure) {
        guard let solver = task.solver else { throw TaskFailure(.failed, "the task does not say how to train") }
        var work = LocalWork(solver: solver, outcome: outcome(for: task))
        (work.loss, work.gradient) = (measured.loss, measured.gradient)
        var (memory, message): ([Float], [Float]) = ([], [])
        var memories = memory.mutableSpan
        var messages = message.mutableSpan
        var updates = values.mutableSpan
        let figures = method.finish(work, update: &updates, memory: &memories, message: &messages)
        let report = MethodReport(form: method.form.name, figures: figures)
        guard method.form.refusal(of: report) == nil else {
            throw TaskFailure(.failed, "the method's figures \(figures) are not such as it may have")
        }
        self.report = report
    }
}
