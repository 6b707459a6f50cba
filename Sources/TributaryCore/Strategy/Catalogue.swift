/// The parts that plans may name: those that come with Tributary, and whatever a program adds.
///
/// ```swift
/// var catalogue = Catalogue.standard
/// catalogue.add(Damped.self)                       // plans may now say  strategy.optimiser: damped
/// let federation = try Federation(plan: plan, trainer: trainer, workers: 2, catalogue: catalogue)
/// ```
public struct Catalogue: Sendable {
    private var optimisers: [any ServerOptimiser.Type]
    private var aggregations: [any AggregationPart.Type]
    private var attacks: [any AttackPart.Type]

    private init(
        optimisers: [any ServerOptimiser.Type], aggregations: [any AggregationPart.Type],
        attacks: [any AttackPart.Type]
    ) {
        (self.optimisers, self.aggregations, self.attacks) = (optimisers, aggregations, attacks)
    }

    /// What comes with Tributary.
    public static let standard = Catalogue(
        optimisers: [
            ServerSGD.self, ServerMomentum.self, ServerAdagrad.self, ServerAdam.self, ServerYogi.self,
        ],
        aggregations: [
            WeightedMean.self, CoordinateMedian.self, TrimmedMean.self, Krum.self, MultiKrum.self, Bulyan.self,
            GeometricMedian.self, NormBounding.self,
        ],
        attacks: [
            SignFlipPart.self, ScalingPart.self, GaussianPart.self, LabelFlipPart.self, LittleIsEnoughPart.self,
            InnerProductPart.self,
        ])

    /// Adds a server optimiser. Its name must be free.
    public mutating func add(_ optimiser: (some ServerOptimiser).Type) {
        precondition(
            !optimisers.contains { $0.about.name == optimiser.about.name },
            "there is a server optimiser '\(optimiser.about.name)' already")
        optimisers.append(optimiser)
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

    /// The attacks, as a list shows them.
    public var attackListings: [PartListing] { attacks.map { $0.listing } }

    /// The aggregations, as a list shows them.
    public var aggregationListings: [PartListing] { aggregations.map { $0.listing } }

    /// The server optimisers, as a list shows them.
    public var optimiserListings: [PartListing] { optimisers.map { $0.listing } }

    /// The server optimiser that a plan names.
    func optimiser(_ text: PartText) throws(PlanError) -> any ServerOptimiser {
        let type = try Self.find(
            text, among: optimisers.map { ($0.about.name, $0) }, kind: "server optimiser", field: "strategy.optimiser")
        return try type.init(text, of: "strategy.optimiser")
    }

    /// The aggregation that a plan names.
    func aggregation(_ text: PartText) throws(PlanError) -> any AggregationPart {
        let type = try Self.find(
            text, among: aggregations.map { ($0.about.name, $0) }, kind: "aggregation", field: "strategy.aggregation")
        return try type.init(text, of: "strategy.aggregation")
    }

    /// The attack that a plan names.
    package func attack(_ text: PartText) throws(PlanError) -> any AttackPart {
        let type = try Self.find(
            text, among: attacks.map { ($0.about.name, $0) }, kind: "attack", field: "faults.attack")
        return try type.init(text, of: "faults.attack")
    }

    private static func find<Part>(
        _ text: PartText, among parts: [(name: String, type: Part)], kind: String, field: String
    ) throws(PlanError) -> Part {
        if let part = parts.first(where: { $0.name == text.name }) { return part.type }
        let hint = Suggestion.sentence(for: text.name, in: parts.map(\.name), orList: "there are")
        throw PlanError("\(field) is '\(text)', and there is no \(kind) '\(text.name)'\(hint)")
    }
}
