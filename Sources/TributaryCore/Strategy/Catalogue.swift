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

    private init(optimisers: [any ServerOptimiser.Type], methods: [any FederatedMethod.Type]) {
        (self.optimisers, self.methods) = (optimisers, methods)
    }

    /// What comes with Tributary.
    public static let standard = Catalogue(
        optimisers: [
            ServerSGD.self, ServerMomentum.self, ServerAdagrad.self, ServerAdam.self, ServerYogi.self,
        ],
        methods: [
            PlainMethod.self, ProximalMethod.self, NormalisedMethod.self, ScaffoldMethod.self, DynamicMethod.self,
            FairAveraging.self, FairGradient.self, AgnosticMethod.self,
        ])

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

    private static func unknown(
        _ kind: String, _ text: PartText, _ field: String, among names: [String]
    ) -> PlanError {
        let hint = Suggestion.sentence(for: text.name, in: names, orList: "there are")
        return PlanError("\(field) is '\(text)', and there is no \(kind) '\(text.name)'\(hint)")
    }
}
