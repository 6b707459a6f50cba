/// What a run's personalisation comes to, for a model of a layout.
struct PersonalTerms: Sendable {
    /// What clients are asked.
    let asked: TaskPersonal
    /// What stays with them.
    let head: ModelHead
    /// Whether a client keeps something from one round to the next.
    let keepsModels: Bool
    /// Whether clients train the model that they are to score.
    let trainsToScore: Bool

    /// Nil without a personalisation.
    ///
    /// - Throws: `PlanError` if the model has no such head.
    init?(_ plan: ResolvedPlan, _ layout: TensorLayout) throws(PlanError) {
        guard let personalisation = plan.strategy.personalisation, let text = plan.plan.strategy.personalisation else {
            return nil
        }
        head = try personalisation.head(in: layout)
        keepsModels = personalisation.keepsModels
        trainsToScore = personalisation.trainsToScore
        let ranges = Set(head.ranges)
        asked = TaskPersonal(
            try Catalogue.standard.personalisation(text).text, form: personalisation.taskForm,
            head: layout.tensors.filter { ranges.contains($0.range) }.map(\.name))
    }
}

/// A run whose clients have models of their own. The coordinator never sees any: it says which of its states a client goes on
/// from, looks that nothing of a client's own head is in its update, and sums up what clients say of their models.
extension RunMachine {
    /// What the personalisation asks of a client; nil for nothing.
    func taskPersonal(for client: ClientID) -> TaskPersonal? {
        guard let personal = terms.personal else { return nil }
        var asked = personal.asked
        if personal.keepsModels { asked.countedRound = countedRounds[client] }
        return asked
    }

    /// Whether clients go on from what they made of the last of their updates that came to count.
    var clientsRemember: Bool { !terms.form.memory.isEmpty || terms.personal?.keepsModels == true }

    /// Where an update must be zero.
    var stillRanges: [Range<Int>] { terms.personal?.head.ranges ?? [] }

    /// How a client trains the model that it is to score; nil where it does not.
    func scoringSolver(for round: RoundNumber) -> LocalSolver? {
        terms.personal?.trainsToScore == true ? fitted.plainSolver(for: round) : nil
    }

    /// Why the score of a client's own model cannot be used beside that of the global one; nil if it can.
    func refusal(ofOwn own: Evaluation?, beside evaluation: Evaluation) -> UpdateRefusal? {
        guard let own else { return terms.personal == nil ? nil : .wrongSchema }
        guard terms.personal != nil else { return .wrongSchema }
        guard own.exampleCount == evaluation.exampleCount, (0...own.exampleCount).contains(own.correctCount ?? 0) else {
            return .badWeight
        }
        return own.lossSum.isFinite ? nil : .notFinite
    }

    /// How clients' own models did; nil where they have none.
    func personalScore(_ evaluations: [EvaluationRow]) -> FederatedScore? {
        terms.personal == nil ? nil : FederatedScore(evaluations.compactMap(\.own))
    }
}
