/// The parts that plans may name: those that come with Tributary, and whatever a program adds.
///
/// ```swift
/// var catalogue = Catalogue.standard
/// catalogue.add(Damped.self)                       // plans may now say  strategy.optimiser: damped
/// let federation = try Federation(plan: plan, trainer: trainer, workers: 2, catalogue: catalogue)
/// ```
public struct Catalogue: Sendable {
    private(set) var optimisers = PartShelf<any ServerOptimiser>("server optimiser", of: "strategy.optimiser")
    private(set) var methods = PartShelf<any FederatedMethod>("method", of: "strategy.method")
    private(set) var aggregations = PartShelf<any AggregationPart>("aggregation", of: "strategy.aggregation")
    private(set) var attacks = PartShelf<any AttackPart>("attack", of: "faults.attack")
    private(set) var selectors = PartShelf<any ClientSelector>(
        "selection", of: "cohort.selection", beside: CohortSelection.plain.map(\.name))
    private(set) var privacies = PartShelf<any PrivacyPart>("mechanism of privacy", of: "privacy.mechanism")
    private(set) var pacings = PartShelf<any PacingPart>("pacing", of: "strategy.pacing")
    private(set) var personalisations = PartShelf<any PersonalPart>("personalisation", of: "strategy.personalisation")

    private init() {}

    /// What comes with Tributary.
    public static let standard: Catalogue = {
        var catalogue = Catalogue()
        catalogue.addOptimisersAndMethods()
        catalogue.addAggregationsAndAttacks()
        catalogue.addRest()
        return catalogue
    }()

    private mutating func addOptimisersAndMethods() {
        add(ServerSGD.self)
        add(ServerMomentum.self)
        add(ServerAdagrad.self)
        add(ServerAdam.self)
        add(ServerYogi.self)
        add(PlainMethod.self)
        add(ProximalMethod.self)
        add(NormalisedMethod.self)
        add(ScaffoldMethod.self)
        add(DynamicMethod.self)
        add(FairAveraging.self)
        add(FairGradient.self)
        add(AgnosticMethod.self)
    }

    private mutating func addAggregationsAndAttacks() {
        add(WeightedMean.self)
        add(CoordinateMedian.self)
        add(TrimmedMean.self)
        add(Krum.self)
        add(MultiKrum.self)
        add(Bulyan.self)
        add(GeometricMedian.self)
        add(NormBounding.self)
        add(CentredClipping.self)
        add(SignFlipPart.self)
        add(ScalingPart.self)
        add(GaussianPart.self)
        add(LabelFlipPart.self)
        add(LittleIsEnoughPart.self)
        add(InnerProductPart.self)
    }

    private mutating func addRest() {
        add(ProportionalSelector.self)
        add(PowerOfChoice.self)
        add(OortSelector.self)
        add(SampledPrivacy.self)
        add(TreePrivacy.self)
        add(LocalPrivacy.self)
        add(SynchronousPacing.self)
        add(BufferPacing.self)
        add(MixingPacing.self)
        add(FineTuning.self)
        add(Ditto.self)
        add(FedPer.self)
        add(FedRep.self)
        add(MixedModels.self)
    }

    /// Adds a server optimiser. Its name must be free.
    public mutating func add(_ part: (some ServerOptimiser).Type) { optimisers.add(part) { $0 } }
    /// Adds a method. Its name must be free.
    public mutating func add(_ part: (some FederatedMethod).Type) { methods.add(part) { $0 } }
    /// Adds an aggregation. Its name must be free.
    public mutating func add(_ part: (some AggregationPart).Type) { aggregations.add(part) { $0 } }
    /// Adds an attack for simulations. Its name must be free.
    public mutating func add(_ part: (some AttackPart).Type) { attacks.add(part) { $0 } }
    /// Adds a selector of clients. Its name must be free.
    public mutating func add(_ part: (some ClientSelector).Type) { selectors.add(part) { $0 } }
    /// Adds a mechanism of privacy. Its name must be free.
    public mutating func add(_ part: (some PrivacyPart).Type) { privacies.add(part) { $0 } }
    /// Adds a pacing. Its name must be free.
    public mutating func add(_ part: (some PacingPart).Type) { pacings.add(part) { $0 } }
    /// Adds a personalisation. Its name must be free.
    public mutating func add(_ part: (some PersonalPart).Type) { personalisations.add(part) { $0 } }

    /// The server optimisers, as a list shows them.
    public var optimiserListings: [PartListing] { optimisers.listings }
    /// The methods, as a list shows them.
    public var methodListings: [PartListing] { methods.listings }
    /// The aggregations, as a list shows them.
    public var aggregationListings: [PartListing] { aggregations.listings }
    /// The attacks, as a list shows them.
    public var attackListings: [PartListing] { attacks.listings }
    /// The selectors of clients, as a list shows them.
    public var selectorListings: [PartListing] { selectors.listings }
    /// The mechanisms of privacy, as a list shows them.
    public var privacyListings: [PartListing] { privacies.listings }
    /// The pacings, as a list shows them.
    public var pacingListings: [PartListing] { pacings.listings }
    /// The personalisations, as a list shows them.
    public var personalisationListings: [PartListing] { personalisations.listings }

    /// The method that a plan or a task names.
    package func method(_ text: PartText) throws(PlanError) -> any FederatedMethod { try methods.part(text) }

    /// The personalisation that a plan or a task names.
    package func personalisation(_ text: PartText) throws(PlanError) -> any PersonalPart {
        try personalisations.part(text)
    }

    /// The attack that a plan names.
    package func attack(_ text: PartText) throws(PlanError) -> any AttackPart { try attacks.part(text) }

    /// The selector of clients that a plan names; nil where it says one of the plain ways.
    func selector(_ selection: CohortSelection) throws(PlanError) -> (any ClientSelector)? {
        guard case .selector(let text) = selection else { return nil }
        return try selectors.part(text)
    }
}
