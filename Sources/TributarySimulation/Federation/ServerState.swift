public import TributaryCore
import TributaryMath

/// All that survives from one round to the next: with the plan and the data, it determines the rest of the run.
public struct ServerState: Hashable, Sendable {
    /// The global model.
    public var weights: Weights
    /// The last round that ended; 0 before the first.
    public var lastRound: RoundNumber
    /// The global model's version.
    public var modelVersion: ModelVersion
    /// Virtual time.
    public var now: Instant
    /// What the server optimiser keeps; nothing before its first step.
    public var optimiser: OptimiserState
    /// What the method keeps, its clients included; nothing before the first round.
    public var method: MethodState
    /// What is known of clients from the rounds they were invited to; nothing where nobody asks.
    public var selection: SelectionState
    /// Who is at work between two steps, where nobody waits for a round; nil where there are rounds.
    public var buffer: BufferState?
    /// What privacy keeps; nil without any, and before the first round.
    public var privacy: PrivacyState?
    /// Which models clients have, where they download differences to them; nil where they download whole models.
    public var downloads: DownloadState?

    /// The state with all its parts.
    public init(
        weights: Weights, lastRound: RoundNumber, modelVersion: ModelVersion, now: Instant,
        optimiser: OptimiserState = .none, method: MethodState = .none, selection: SelectionState = .none,
        privacy: PrivacyState? = nil, buffer: BufferState? = nil, downloads: DownloadState? = nil
    ) {
        self.weights = weights
        self.lastRound = lastRound
        self.modelVersion = modelVersion
        self.now = now
        self.optimiser = optimiser
        self.method = method
        self.selection = selection
        self.privacy = privacy
        self.buffer = buffer
        self.downloads = downloads
    }

    /// The state before the first round.
    public init(initial weights: Weights) {
        self.init(weights: weights, lastRound: RoundNumber(0), modelVersion: ModelVersion(0), now: .start)
    }
}

extension ServerState {
    /// The state with what the strategy's parts start from, if they have taken no step yet.
    ///
    /// - Throws: `PlanError` if what is kept is another part's.
    func ready(for plan: ResolvedPlan) throws(PlanError) -> ServerState {
        try ready(for: plan.strategy.stepOptimiser).readyForMethod(of: plan.strategy, plan.populationSize)
            .readyForSelection(of: plan).ready(for: plan.privacy)
            .ready(for: plan.strategy.pacing, plan.populationSize)
            .ready(for: plan.strategy.download, plan.populationSize)
    }

    private func ready(for download: ModelDownload, _ populationSize: Int) throws(PlanError) -> ServerState {
        let fits =
            downloads?.fits(
                populationSize: populationSize, parameterCount: weights.values.count, present: modelVersion) ?? true
        if fits, (download == .delta) == (downloads != nil) { return self }
        guard lastRound == RoundNumber(0), downloads == nil else {
            throw PlanError(
                "the state to go on from knows \(downloads == nil ? "nothing " : "")of the models that clients have, and the "
                    + "plan has another strategy.download or other clients; give the plan and the data that the run was begun "
                    + "with")
        }
        var state = self
        state.downloads = DownloadState()
        return state
    }

    private func readyForSelection(of plan: ResolvedPlan) throws(PlanError) -> ServerState {
        if selection.fits(plan) { return self }
        guard selection == .none, lastRound == RoundNumber(0) else {
            throw PlanError(
                "the state to go on from holds \(selection.form.isEmpty ? "nothing" : selection.form) of clients' "
                    + "participation, and the plan keeps \(plan.selectionForm.isEmpty ? "nothing" : plan.selectionForm); "
                    + "give the plan that the run was begun with")
        }
        var state = self
        state.selection = SelectionState(initial: plan)
        return state
    }

    private func ready(for pacing: Pacing, _ populationSize: Int) throws(PlanError) -> ServerState {
        if let client = buffer?.tasks.map(\.client).max(), client.index >= populationSize {
            throw PlanError(
                "the state to go on from has \(client) at work, and there are \(populationSize) clients; give the plan and the "
                    + "data that the run was begun with")
        }
        guard (pacing == .synchronous) == (buffer == nil) else {
            guard lastRound == RoundNumber(0), buffer == nil else {
                throw PlanError(
                    "the state to go on from has \(buffer == nil ? "no " : "")clients at work between steps, and the plan has "
                        + "another strategy.pacing; give the plan that the run was begun with")
            }
            var state = self
            state.buffer = BufferState()
            return state
        }
        return self
    }

    private func ready(for privacy: RoundPrivacy?) throws(PlanError) -> ServerState {
        if let privacy, self.privacy?.belongs(to: privacy) == true { return self }
        if privacy == nil, self.privacy == nil { return self }
        var state = self
        do {
            guard lastRound == RoundNumber(0), self.privacy == nil, let privacy else {
                throw PlanError(
                    "the state to go on from has spent a privacy budget by another mechanism than the plan's, or by none; give "
                        + "the plan that the run was begun with")
            }
            state.privacy = try PrivacyState(privacy)
        } catch let error as PlanError {
            throw error
        } catch {
            preconditionFailure("a privacy that was checked: \(error)")
        }
        return state
    }

    private func readyForMethod(of strategy: Strategy, _ populationSize: Int) throws(PlanError) -> ServerState {
        let form = strategy.form
        let count = weights.values.count
        let ownLength = try strategy.personalisation?.keptLength(in: weights.layout)
        if self.method.fits(
            strategy, parameterCount: count, ownLength: ownLength, populationSize: populationSize)
        {
            return self
        }
        guard self.method == .none, modelVersion == ModelVersion(0) else {
            throw PlanError(
                "the state to go on from holds \(self.method.form.isEmpty ? "nothing" : self.method.form) of a method, and "
                    + "the plan's keeps \(form.isEmpty ? "nothing" : form.name) for \(populationSize) clients; "
                    + "give the plan that the run was begun with")
        }
        var state = self
        state.method = MethodState(initial: strategy, parameterCount: count, populationSize: populationSize)
        return state
    }

    private func ready(for optimiser: any ServerOptimiser) throws(PlanError) -> ServerState {
        let form = optimiser.stateForm
        if self.optimiser.fits(form, parameterCount: weights.values.count) { return self }
        guard self.optimiser == .none, modelVersion == ModelVersion(0) else {
            let found = self.optimiser.form.isEmpty ? "nothing" : self.optimiser.form
            throw PlanError(
                "the state to go on from holds \(found) of a server optimiser, and the plan's keeps "
                    + "\(form.isEmpty ? "nothing" : form.name); give the plan that the run was begun with")
        }
        var state = self
        state.optimiser = OptimiserState(initial: form, parameterCount: weights.values.count)
        return state
    }
}
