/// The parts that plans may name: those that come with Tributary, and whatever a program adds.
///
/// ```swift
/// var catalogue = Catalogue.standard
/// catalogue.add(Damped.self)                       // plans may now say  strategy.optimiser: damped
/// let federation = try Federation(plan: plan, trainer: trainer, workers: 2, catalogue: catalogue)
/// ```
public struct Catalogue: Sendable {
    private var optimisers: [any ServerOptimiser.Type]
    private var methods: [any FederatedMethod.Type]
    private var aggregations: [any AggregationPart.Type]
    private var attacks: [any AttackPart.Type]
    private var selectors: [any ClientSelector.Type] = [
        ProportionalSelector.self, PowerOfChoice.self, OortSelector.self,
    ]
    private var privacies: [any PrivacyPart.Type]
    private var pacings: [any PacingPart.Type]
    private var personalisations: [any PersonalPart.Type] = [
        FineTuning.self, Ditto.self, FedPer.self, FedRep.self, MixedModels.self,
    ]

    private init(
        optimisers: [any ServerOptimiser.Type], methods: [any FederatedMethod.Type],
        aggregations: [any AggregationPart.Type], attacks: [any AttackPart.Type], privacies: [any PrivacyPart.Type],
        pacings: [any PacingPart.Type]
    ) {
        (self.optimisers, self.methods) = (optimisers, methods)
        (self.aggregations, self.attacks, self.privacies) = (aggregations, attacks, privacies)
        self.pacings = pacings
    }

    /// What comes with Tributary.
    public static let standard = Catalogue(
        optimisers: [
            ServerSGD.self, ServerMomentum.self, ServerAdagrad.self, ServerAdam.self, ServerYogi.self,
        ],
        methods: [
            PlainMethod.self, ProximalMethod.self, NormalisedMethod.self, ScaffoldMethod.self, DynamicMethod.self,
            FairAveraging.self, FairGradient.self, AgnosticMethod.self,
        ],
        aggregations: [
            WeightedMean.self, CoordinateMedian.self, TrimmedMean.self, Krum.self, MultiKrum.self, Bulyan.self,
            GeometricMedian.self, NormBounding.self,
        ],
        attacks: [
            SignFlipPart.self, ScalingPart.self, GaussianPart.self, LabelFlipPart.self, LittleIsEnoughPart.self,
            InnerProductPart.self,
        ],
        privacies: [SampledPrivacy.self, TreePrivacy.self, LocalPrivacy.self],
        pacings: [SynchronousPacing.self, BufferPacing.self, MixingPacing.self])

    /// Adds a server optimiser. Its name must be free.
    public mutating func add(_ optimiser: (some ServerOptimiser).Type) {
        precondition(
            !optimisers.contains { $0.about.name == optimiser.about.name },
            "there is a server optimiser '\(optimiser.about.name)' already")
        optimisers.append(optimiser)
    }

    /// Adds a method. Its name must be free.
    public mutating func add(_ method: (some FederatedMethod).Type) {
        precondition(
            !methods.contains { $0.about.name == method.about.name }, "there is a method '\(method.about.name)' already"
        )
        methods.append(method)
    }

    /// Adds an aggregation. Its name must be free.
    public mutating func add(_ aggregation: (some AggregationPart).Type) {
        precondition(
            !aggregations.contains { $0.about.name == aggregation.about.name },
            "there is an aggregation '\(aggregation.about.name)' already")
        aggregations.append(aggregation)
    }

    /// Adds an attack for simulations. Its name must be free.
    public mutating func add(_ attack: (some AttackPart).Type) {
        precondition(
            !attacks.contains { $0.about.name == attack.about.name },
            "there is an attack '\(attack.about.name)' already")
        attacks.append(attack)
    }

    /// Adds a selector of clients. Its name must be free.
    public mutating func add(_ selector: (some ClientSelector).Type) {
        let names = selectorNames
        precondition(!names.contains(selector.about.name), "there is a selection '\(selector.about.name)' already")
        selectors.append(selector)
    }

    private var selectorNames: [String] { CohortSelection.plain.map(\.name) + selectors.map { $0.about.name } }

    /// The selectors of clients, as a list shows them.
    public var selectorListings: [PartListing] { selectors.map { $0.listing } }

    /// Adds a mechanism of privacy. Its name must be free.
    public mutating func add(_ privacy: (some PrivacyPart).Type) {
        precondition(
            !privacies.contains { $0.about.name == privacy.about.name },
            "there is a mechanism of privacy '\(privacy.about.name)' already")
        privacies.append(privacy)
    }

    /// Adds a pacing. Its name must be free.
    public mutating func add(_ pacing: (some PacingPart).Type) {
        precondition(
            !pacings.contains { $0.about.name == pacing.about.name }, "there is a pacing '\(pacing.about.name)' already"
        )
        pacings.append(pacing)
    }

    /// Adds a personalisation. Its name must be free.
    public mutating func add(_ personalisation: (some PersonalPart).Type) {
        precondition(
            !personalisations.contains { $0.about.name == personalisation.about.name },
            "there is a personalisation '\(personalisation.about.name)' already")
        personalisations.append(personalisation)
    }

    /// The personalisations, as a list shows them.
    public var personalisationListings: [PartListing] { personalisations.map { $0.listing } }

    /// The pacings, as a list shows them.
    public var pacingListings: [PartListing] { pacings.map { $0.listing } }

    /// The mechanisms of privacy, as a list shows them.
    public var privacyListings: [PartListing] { privacies.map { $0.listing } }

    /// The aggregations, as a list shows them.
    public var aggregationListings: [PartListing] { aggregations.map { $0.listing } }

    /// The attacks, as a list shows them.
    public var attackListings: [PartListing] { attacks.map { $0.listing } }

    /// The server optimisers, as a list shows them.
    public var optimiserListings: [PartListing] { optimisers.map { $0.listing } }

    /// The methods, as a list shows them.
    public var methodListings: [PartListing] { methods.map { $0.listing } }

    /// The server optimiser that a plan names.
    func optimiser(_ text: PartText) throws(PlanError) -> any ServerOptimiser {
        let field = "strategy.optimiser"
        guard let type = optimisers.first(where: { $0.about.name == text.name }) else {
            throw Self.unknown("server optimiser", text, field, among: optimisers.map { $0.about.name })
        }
        return try type.init(text, of: field)
    }

    /// The method that a plan names.
    func method(_ text: PartText) throws(PlanError) -> any FederatedMethod {
        let field = "strategy.method"
        guard let type = methods.first(where: { $0.about.name == text.name }) else {
            throw Self.unknown("method", text, field, among: methods.map { $0.about.name })
        }
        return try type.init(text, of: field)
    }

    /// The aggregation that a plan names.
    func aggregation(_ text: PartText) throws(PlanError) -> any AggregationPart {
        let field = "strategy.aggregation"
        guard let type = aggregations.first(where: { $0.about.name == text.name }) else {
            throw Self.unknown("aggregation", text, field, among: aggregations.map { $0.about.name })
        }
        return try type.init(text, of: field)
    }

    /// The selector of clients that a plan names; nil where it says one of the plain ways.
    func selector(_ selection: CohortSelection) throws(PlanError) -> (any ClientSelector)? {
        guard case .selector(let text) = selection else { return nil }
        let field = "cohort.selection"
        guard let type = selectors.first(where: { $0.about.name == text.name }) else {
            throw Self.unknown("selection", text, field, among: selectorNames)
        }
        return try type.init(text, of: field)
    }

    /// The attack that a plan names.
    package func attack(_ text: PartText) throws(PlanError) -> any AttackPart {
        let field = "faults.attack"
        guard let type = attacks.first(where: { $0.about.name == text.name }) else {
            throw Self.unknown("attack", text, field, among: attacks.map { $0.about.name })
        }
        return try type.init(text, of: field)
    }

    /// The personalisation that a plan names.
    func personalisation(_ text: PartText) throws(PlanError) -> any PersonalPart {
        let field = "strategy.personalisation"
        guard let type = personalisations.first(where: { $0.about.name == text.name }) else {
            throw Self.unknown("personalisation", text, field, among: personalisations.map { $0.about.name })
        }
        return try type.init(text, of: field)
    }

    /// The pacing that a plan names.
    func pacing(_ text: PartText) throws(PlanError) -> any PacingPart {
        let field = "strategy.pacing"
        guard let type = pacings.first(where: { $0.about.name == text.name }) else {
            throw Self.unknown("pacing", text, field, among: pacings.map { $0.about.name })
        }
        return try type.init(text, of: field)
    }

    /// The mechanism of privacy that a plan names.
    func privacy(_ text: PartText) throws(PlanError) -> any PrivacyPart {
        let field = "privacy.mechanism"
        guard let type = privacies.first(where: { $0.about.name == text.name }) else {
            throw Self.unknown("mechanism of privacy", text, field, among: privacies.map { $0.about.name })
        }
        return try type.init(text, of: field)
    }

    private static func unknown(
        _ kind: String, _ text: PartText, _ field: String, among names: [String]
    ) -> PlanError {
        let hint = Suggestion.sentence(for: text.name, in: names, orList: "there are")
        return PlanError("\(field) is '\(text)', and there is no \(kind) '\(text.name)'\(hint)")
    }
}
