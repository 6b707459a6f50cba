/// A run's method on the coordinator: what it asks of clients, what it makes of the figures that come with their updates, and
/// what it keeps. It changes when a round commits, and the end's row has what it keeps then (`RoundEndRow.method`): a crash
/// takes none of it back.
extension RunMachine {
    /// The server's figures as of the newest model.
    var methodFigures: [Double] { methodState?.figures ?? terms.initialFigures }

    /// How clients train in a round.
    func solver(for round: RoundNumber) -> LocalSolver { fitted.solver(for: round, figures: methodFigures) }

    /// The method's vectors that go down with the newest model.
    var sentVectors: [TensorBlob] { methodState?.vectors.prefix(terms.form.sentCount).map(\.blob) ?? [] }

    /// What the method asks of a client; nil for nothing.
    func taskMethod(for client: ClientID) -> TaskMethod? {
        guard var asked = terms.method else { return nil }
        asked.countedRound = countedRounds[client]
        asked.vectors = sentVectors
        return asked
    }

    /// The weight of an update in the mean; nil if it has none that can be summed.
    func weight(of client: ClientID, _ update: TrainedUpdate) -> Int? {
        let (usual, form) = (fitted.strategy.weighting.weight(exampleCount: update.outcome.exampleCount), terms.form)
        guard !form.isEmpty else { return usual }
        guard let member = member(client) else { return nil }
        let weight = fitted.strategy.method.weight(
            of: member, weight: usual, figures: open?.figures ?? methodFigures)
        return (1...(form.weightLimit ?? plan.live.exampleLimit)).contains(weight) ? weight : nil
    }

    /// What a round's figures come to.
    struct MethodAdvance {
        /// What the server keeps from now on.
        var figures: [Double]
        /// What the step needs.
        var factors: [Double]

        /// Whether a model can be made of it.
        var isSound: Bool { factors.allSatisfy(\.isFinite) && !figures.contains { $0.isNaN } }
    }

    /// What the figures of a round's contributions come to; nil without a method that has anything to do.
    ///
    /// It follows from what is recorded, so it is the same whenever it is asked for.
    func methodAdvance(_ contributions: [ContributionRow]) -> MethodAdvance? {
        guard !terms.form.isEmpty, let round = open else { return nil }
        var figures = round.figures
        let factors = fitted.strategy.method.advance(
            &figures,
            by: contributions.compactMap { row in
                member(row.client).map {
                    MethodContribution(client: $0, weight: row.weight, figures: row.update.method?.figures ?? [])
                }
            }, populationSize: round.row.populationSize ?? round.row.cohort.count)
        return MethodAdvance(figures: figures, factors: factors)
    }

    /// What the method keeps after a step, with the vectors that were made of it.
    func methodState(after advance: MethodAdvance?, _ vectors: [TensorBlob]) -> MethodStateRow? {
        precondition(vectors.count == terms.form.server.count, "a state with other vectors than its form")
        return advance.map {
            MethodStateRow(
                form: terms.form.name, figures: $0.figures,
                vectors: zip(terms.form.server, vectors).map { .init(name: $0, blob: $1) },
                clients: open?.row.population)
        }
    }

    /// Whose updates are in the model of a round that has committed; nil if no client needs to know.
    func counted(_ contributions: [ContributionRow]) -> [ClientID]? {
        clientsRemember ? contributions.map(\.client) : nil
    }

    /// A round's end is on disk: takes over what the method keeps; returns the blobs that it no longer needs.
    mutating func takeMethodState(of end: RoundEndRow) -> [BlobDigest] {
        for client in end.counted ?? [] { countedRounds[client] = end.summary.round }
        guard end.method != methodState else { return [] }
        let garbage = methodState?.vectors.map(\.blob.digest) ?? []
        methodState = end.method
        return garbage
    }

    /// A state that another version of Tributary left in another form must not be misread.
    func checkMethodState(after version: ModelVersion) throws(PlanError) {
        let form = terms.form
        let fits =
            methodState.map { $0.fits(form, figureCount: terms.initialFigures.count) }
            ?? (form.isEmpty || version == ModelVersion(0))
        guard !fits else { return }
        throw PlanError(
            "the state of its method has the form '\(methodState?.form ?? "")', and this version of Tributary knows "
                + "'\(form.name)'; use the version that began the run")
    }
}
