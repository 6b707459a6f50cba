import TributaryCore
import TributaryMath

/// What a task's personalisation has this client do.
struct PersonalWork: Sendable {
    let personalisation: Personalisation
    /// What stays with the client.
    let head: ModelHead
    /// How much the client keeps for itself.
    let keptLength: Int
}

extension FederatedClient {
    /// What a task's personalisation asks; nil for nothing. Throws a `TaskFailure` for one that is not known here: whoever does it
    /// otherwise might send what is to stay with it.
    func personalWork(of task: TaskDescription) throws(TaskFailure) -> PersonalWork? {
        guard let asked = task.personal else { return nil }
        do throws(PlanError) {
            let personalisation = try settings.catalogue.personalisation(asked.text).personalisation
            guard personalisation.taskForm == asked.form else {
                throw PlanError("its form is '\(asked.form)', and this client knows '\(personalisation.taskForm)'")
            }
            // What more is done by a method is done for all of an update, the client's own part among it.
            if !personalisation.leavesSharedTraining, let method = task.method {
                throw PlanError("it does not go with the method \(method.text)")
            }
            let head = try personalisation.head(in: task.layout)
            let names = Set(asked.head)
            guard task.layout.tensors.filter({ names.contains($0.name) }).map(\.range) == head.ranges else {
                throw PlanError(
                    "it has other tensors stay here (\(asked.head.joined(separator: ", "))) than this client knows")
            }
            return PersonalWork(
                personalisation: personalisation, head: head,
                keptLength: try personalisation.keptLength(in: task.layout) ?? 0)
        } catch {
            throw TaskFailure(
                .failed, "this client does not know the task's personalisation \(asked.text): \(error.description)")
        }
    }

    /// Trains by no method, on what is shared and on what is the client's own.
    func trainedUpdate(
        for task: TaskDescription, _ work: PersonalWork, from weights: [Float], _ progress: TaskProgress
    ) async throws -> LocalUpdate {
        let own = try await remembered(for: task, nil, work).own
        var update = try await sharedUpdate(for: task, work, own, from: weights, progress)
        try await trainOwn(task, work, own, beside: weights, &update, progress)
        try update.check(largest: update.largest, for: task)
        return update
    }

    /// Trains what is shared, and with it what of the client's own is a part of that training.
    private func sharedUpdate(
        for task: TaskDescription, _ work: PersonalWork, _ own: [Float]?, from weights: [Float],
        _ progress: TaskProgress
    ) async throws -> LocalUpdate {
        switch work.personalisation {
        case .ownHead(_, let epochs):
            return try await trainAroundHead(task, work.head, own, isFirst: epochs != nil, from: weights, progress)
        case .mixture(let share, let rate, _):
            return try await trainMixture(task, own, share: share, shareRate: rate, from: weights, progress)
        case .ditto, .fineTuning:
            var update = try await trainer.train(task, from: weights, progress: progress)
            _ = try update.makeDifference(from: weights, for: task)
            return update
        }
    }

    /// Trains the shared tensors under the client's own (FedPer; Arivazhagan et al. 2019), which train before them if they are
    /// first (FedRep; Collins et al. 2021). Nothing of its own is left in the update.
    private func trainAroundHead(
        _ task: TaskDescription, _ head: ModelHead, _ own: [Float]?, isFirst: Bool, from weights: [Float],
        _ progress: TaskProgress
    ) async throws -> LocalUpdate {
        var start = weights
        if let own { head.put(own, into: &start) }
        var update: LocalUpdate
        if isFirst {
            let first = task.training(try personalSolver(for: task), "head")
            let trained = try await trainer.train(first, from: start, holding: head.base, progress: progress)
            head.put(head.gathered(from: try trained.model(from: start, for: task)), into: &start)
            update = try await trainer.train(task, from: start, holding: head.ranges, progress: progress)
        } else {
            update = try await trainer.train(task, from: start, progress: progress)
        }
        var local = try update.model(from: start, for: task)
        if isFirst { head.put(head.gathered(from: start), into: &local) }
        let kept = head.gathered(from: local)
        guard kept.allSatisfy(\.isFinite) else {
            throw TaskFailure(.failed, "the client's own part of the model has numbers that are not finite")
        }
        _ = try update.makeDifference(from: start, for: task)
        head.clear(&update.values)
        (update.memory, update.ownModel) = (kept, local)
        return update
    }

    /// Trains the shared model, and v and α with every step (APFL; Deng, Kamani and Mahdavi 2020).
    private func trainMixture(
        _ task: TaskDescription, _ own: [Float]?, share: Double, shareRate: Double, from weights: [Float],
        _ progress: TaskProgress
    ) async throws -> LocalUpdate {
        guard let rate = task.solver?.learningRate else { throw Self.saysNotHow }
        let solver = try personalSolver(for: task)
        var mixture = ModelMixture(own: weights, share: share, shareRate: shareRate * rate, solver: solver)
        if let own { mixture = ModelMixture(memory: own, shareRate: shareRate * rate, solver: solver) }
        // A share that does not adapt is the plan's, to the bit.
        if shareRate == 0 { mixture.share = share }
        var (update, trained) = try await trainer.train(task, from: weights, mixing: mixture, progress: progress)
        guard trained.own.count == weights.count else {
            throw TaskFailure(
                .failed, "the trainer's mixture has \(trained.own.count) values; the model has \(weights.count)")
        }
        // What has diverged is not kept.
        if !trained.memory.allSatisfy(\.isFinite) { trained = mixture }
        update.memory = trained.memory
        update.ownModel = trained.mixed(with: try update.model(from: weights, for: task))
        _ = try update.makeDifference(from: weights, for: task)
        return update
    }

    /// Trains the client's own model (Ditto; Li, Hu, Beirami and Smith 2021), which it goes on from if the update comes to count.
    /// What it does for the global model is done.
    func trainOwn(
        _ task: TaskDescription, _ work: PersonalWork?, _ own: [Float]?, beside weights: [Float],
        _ update: inout LocalUpdate, _ progress: TaskProgress
    ) async throws {
        guard case .ditto(let lambda, _, _)? = work?.personalisation else { return }
        let start = own ?? weights
        let training = task.training(try personalSolver(for: task), "own-training")
        let trained: LocalUpdate
        if lambda > 0 {
            // λ (v − x): the decay is λ v.
            let pull = weights.map { Float(-lambda * Double($0)) }
            trained = try await trainer.train(training, from: start, correctedBy: pull, progress: progress)
        } else {
            trained = try await trainer.train(training, from: start, progress: progress)
        }
        var local = try trained.model(from: start, for: task)
        // What has diverged is not kept.
        if !local.allSatisfy(\.isFinite) { local = start }
        update.memory += local
        update.ownModel = local
    }

    /// How what is the client's own trains.
    func personalSolver(for task: TaskDescription) throws(TaskFailure) -> LocalSolver {
        guard let work = try personalWork(of: task), let solver = task.solver else { throw Self.saysNotHow }
        return work.personalisation.solver(solver)
    }

    private static var saysNotHow: TaskFailure { TaskFailure(.failed, "the task does not say how to train") }
}

extension TaskDescription {
    /// The same task, as one of training by another solver, whose randomness has nothing to do with that of its own.
    func training(_ solver: LocalSolver, _ label: StaticString) -> TaskDescription {
        var task = self
        task.solver = solver
        task.seed = Seed(seed).derived(label).rawValue
        return task
    }
}

extension LocalUpdate {
    /// The local model, given the one that training started from.
    func model(from start: [Float], for task: TaskDescription) throws(TaskFailure) -> [Float] {
        guard values.count == start.count else {
            throw TaskFailure(
                .failed, "the trainer returned \(values.count) values; the model has \(task.layout.count)")
        }
        return meaning == .weights ? values : zip(start, values).map { $0 + $1 }
    }
}
