/// How a federation learns: a composition of parts, each a value of its own.
///
/// Who takes part is drawn by the *selection*; each of them trains by the *local solver*; the *weighting* says how much an
/// update counts; *privacy* clips and adds noise; the *pacing* says when the model moves; the *aggregation* makes one update of all; the *method* does what there is to do beside averaging where
/// clients' data differ; the *compression* says how updates travel, and the *download* how models do; the *optimiser* makes
/// the next model of what comes of it. Published algorithms are names for some of these choices
/// (`Plan.Algorithm`), and what they leave open is free, but for what a method says it does not go with.
public struct Strategy: Sendable {
    /// How a round's clients are drawn.
    public var selection: CohortSelection
    /// The selector that it names; nil where all clients are as likely as one another.
    public var selector: (any ClientSelector)?
    /// The weight of an update in the mean.
    public var weighting: UpdateWeighting
    /// What is done beside averaging.
    public var method: any FederatedMethod
    /// Whether the work of clients that run out of time is used.
    public var keepsPartialWork: Bool
    /// How clients get the model.
    public var download: ModelDownload
    /// How updates are written on their way; nil where numbers travel as they are.
    public var compression: Compression?
    /// How noise hides what one client can have moved; nil: it does not.
    public var privacy: RoundMechanism?
    /// When the model moves.
    public var pacing: Pacing
    /// How clients come to models of their own; nil: they have none.
    public var personalisation: Personalisation?
    /// What makes one update of a round's.
    public var aggregation: Aggregation
    /// What makes the next model of that.
    public var optimiser: any ServerOptimiser

    /// The parts that a plan names.
    ///
    /// - Throws: `PlanError` if the catalogue has no such part, or parts contradict the plan's algorithm.
    public init(_ plan: Plan, from catalogue: Catalogue = .standard) throws(PlanError) {
        selection = plan.cohort.selection
        let selector = try catalogue.selector(plan.cohort.selection)
        self.selector = selector
        optimiser = try catalogue.optimisers.part(
            Self.part("server optimiser", "strategy.optimiser", plan.strategy.optimiser, plan, plan.algorithm.optimiser)
                ?? PartText(name: ServerSGD.about.name))
        let method = try catalogue.methods.part(
            Self.part("method", "strategy.method", plan.strategy.method, plan, plan.algorithm.method)
                ?? PartText(name: PlainMethod.about.name))
        try method.check(plan)
        self.method = method
        download = plan.strategy.download
        compression = try Compression(plan)
        let pacingText = try Self.part("pacing", "strategy.pacing", plan.strategy.pacing, plan, plan.algorithm.pacing)
        let pacingPart = try catalogue.pacings.part(pacingText ?? PartText(name: SynchronousPacing.about.name))
        pacing = pacingPart.pacing
        aggregation = try Self.aggregation(plan, method, catalogue)
        privacy = try Self.privacy(plan, method, aggregation, catalogue)
        if let text = plan.strategy.personalisation {
            let part = try catalogue.personalisations.part(text)
            try part.personalisation.check(plan, part.text.name, pacing, method, selector)
            personalisation = part.personalisation
        }
        try pacing.check(plan, pacingPart.text.name, method, compression, aggregation)
        weighting = try Self.weighting(
            plan, method, else: selector?.weighting ?? (privacy != nil || pacing != .synchronous ? .uniform : .examples)
        )
        keepsPartialWork = plan.local.partialWork.map { $0 == .keep } ?? type(of: method).keepsPartialWork
    }

    /// The part that is said, else the algorithm's own; nil if neither says one.
    private static func part(
        _ kind: String, _ field: String, _ said: PartText?, _ plan: Plan, _ implied: String?
    ) throws(PlanError) -> PartText? {
        guard let said else { return implied.map { PartText(name: $0) } }
        if let implied, implied != said.name {
            throw PlanError(
                "algorithm \(plan.algorithm.rawValue) has the \(kind) \(implied), and \(field) is \(said.name); leave one "
                    + "of them out")
        }
        return said
    }

    private static func aggregation(
        _ plan: Plan, _ method: any FederatedMethod, _ catalogue: Catalogue
    ) throws(PlanError) -> Aggregation {
        guard let text = plan.strategy.aggregation else { return Aggregation() }
        let part = try catalogue.aggregations.part(text)
        guard part.rule == nil || method.form.isEmpty else {
            throw PlanError(
                "strategy.method \(method.text.name) needs the exact mean of what clients send, and strategy.aggregation is "
                    + "\(text.name); leave one of them out")
        }
        return Aggregation(part)
    }

    private static func weighting(
        _ plan: Plan, _ method: any FederatedMethod, else usual: UpdateWeighting
    ) throws(PlanError) -> UpdateWeighting {
        guard let own = method.weighting else { return plan.server.weighting ?? usual }
        if let said = plan.server.weighting, said != own {
            throw PlanError(
                "strategy.method \(method.text.name) is defined for \(own.rawValue) weights, and server.weighting is "
                    + "\(said.rawValue); leave out server.weighting")
        }
        return own
    }
}

extension Strategy: Hashable {
    /// Whether all parts are the same with the same parameters.
    public static func == (left: Strategy, right: Strategy) -> Bool {
        left.selection == right.selection && left.selector?.identity == right.selector?.identity
            && left.weighting == right.weighting
            && left.method.identity == right.method.identity && left.keepsPartialWork == right.keepsPartialWork
            && left.download == right.download && left.compression == right.compression && left.privacy == right.privacy
            && left.pacing == right.pacing && left.personalisation == right.personalisation
            && left.aggregation == right.aggregation
            && left.optimiser.identity == right.optimiser.identity
    }

    /// Hashes what is compared.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(selection)
        hasher.combine(selector?.identity)
        hasher.combine(weighting)
        hasher.combine(method.identity)
        hasher.combine(keepsPartialWork)
        hasher.combine(download)
        hasher.combine(compression)
        hasher.combine(privacy)
        hasher.combine(pacing)
        hasher.combine(personalisation)
        hasher.combine(aggregation)
        hasher.combine(optimiser.identity)
    }
}
