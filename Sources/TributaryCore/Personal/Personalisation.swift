extension Personalisation {
    /// How a client trains what is its own in a round in which it trains with `solver`: without what a method adds. Ditto's pull
    /// towards x is a decay of λ, which `offset` of the task moves from the origin to x.
    public func solver(_ solver: LocalSolver) -> LocalSolver {
        var own = solver
        own.proximal = 0
        switch self {
        case .fineTuning(let epochs, let rate):
            own.work = .epochs(epochs)
            own.learningRate *= rate
        case .ditto(let lambda, let epochs, let rate):
            own.work = .epochs(epochs)
            own.learningRate *= rate
            own.weightDecay += lambda
        case .ownHead(_, let epochs):
            if let epochs { own.work = .epochs(epochs) }
        case .mixture(_, _, let rate):
            own.learningRate *= rate
        }
        return own
    }

    /// Examples that a client computes gradients of for itself before it can send its update. Ditto's own model can be trained
    /// after that.
    fileprivate func extraVisits(_ solver: LocalSolver, shardSize: Int) -> Int {
        switch self {
        case .fineTuning, .ditto, .ownHead(_, epochs: nil): 0
        case .ownHead(_, let epochs?): epochs * shardSize
        case .mixture: solver.exampleVisits(shardSize: shardSize)
        }
    }

    /// The tensors that stay with clients.
    ///
    /// - Throws: `PlanError` if a model of this layout has no such tensors, or no others.
    package func head(in layout: TensorLayout) throws(PlanError) -> ModelHead {
        guard case .ownHead(let selection, _) = self else { return .none(parameterCount: layout.count) }
        return try selection.head(in: layout)
    }

    /// The name and version of what clients keep; nil if they keep nothing.
    var formName: String? {
        switch self {
        case .fineTuning: nil
        case .ditto: "own-1"
        case .ownHead: "head-1"
        case .mixture: "mixture-1"
        }
    }

    /// The name and version of what a task asks of a client.
    package var taskForm: String { formName ?? "tuning-1" }

    /// Whether the shared model trains as without.
    package var leavesSharedTraining: Bool {
        switch self {
        case .fineTuning, .ditto: true
        case .ownHead, .mixture: false
        }
    }

    /// Whether clients train the model that they are to score.
    var trainsToScore: Bool { if case .fineTuning = self { true } else { false } }

    /// The length of what a client keeps: a model, its head, or a model and α; nil if it keeps nothing.
    package func keptLength(in layout: TensorLayout) throws(PlanError) -> Int? {
        switch self {
        case .fineTuning: nil
        case .ditto: layout.count
        case .ownHead: try head(in: layout).count
        case .mixture: layout.count + 1
        }
    }
}

extension Strategy {
    /// Examples that a client of `shardSize` examples computes gradients of before it can send its update, repetitions counted.
    package func exampleVisits(_ solver: LocalSolver, shardSize: Int) -> Int {
        solver.exampleVisits(shardSize: shardSize) + (personalisation?.extraVisits(solver, shardSize: shardSize) ?? 0)
    }
}

extension Personalisation {
    /// Refuses a plan in which nobody could be told from another, or that has no place for what clients keep.
    func check(
        _ plan: Plan, _ name: String, _ pacing: Pacing, _ method: any FederatedMethod, _ selector: (any ClientSelector)?
    ) throws(PlanError) {
        func refuse(_ what: String, _ way: String) -> PlanError {
            PlanError("strategy.personalisation is \(name), and \(what); \(way)")
        }
        guard plan.evaluation.federatedEvery != nil else {
            throw refuse(
                "evaluation.federated-every is none, so that there is nothing to compare with", "leave it out, or say 0"
            )
        }
        guard pacing == .synchronous || !keepsModels else {
            throw PlanError(
                "strategy.personalisation is \(name), whose clients train with each round, and strategy.pacing has none; "
                    + "choose fine-tuning, or leave out strategy.pacing")
        }
        if leavesSharedTraining { return }
        guard method.form.isEmpty else {
            throw refuse(
                "strategy.method \(method.text) does more than train and average, which is not defined where a part of the model "
                    + "is a client's own", "choose plain, or prox without adaptive")
        }
        guard case .ownHead = self else { return }
        guard plan.privacy.mechanism == nil else {
            throw refuse(
                "privacy.mechanism adds noise to every tensor, those among them that stay with clients",
                "choose fine-tuning, ditto or apfl, or leave out privacy.mechanism")
        }
        guard selector.map({ $0.form.measure == .nothing }) ?? true else {
            throw refuse(
                "cohort.selection \(plan.cohort.selection) goes by losses of the global model, whose head nobody trains",
                "choose uniform, poisson, all or proportional")
        }
    }
}
