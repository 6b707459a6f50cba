/// The parts that plans may name: those that come with Tributary, and whatever a program adds.
///
/// ```swift
/// var catalogue = Catalogue.standard
/// catalogue.add(Damped.self)                       // plans may now say  strategy.optimiser: damped
/// let federation = try Federation(plan: plan, trainer: trainer, workers: 2, catalogue: catalogue)
/// ```
public struct Catalogue: Sendable {
    private var optimisers: [any ServerOptimiser.Type]

    private init(optimisers: [any ServerOptimiser.Type]) {
        self.optimisers = optimisers
    }

    /// What comes with Tributary.
    public static let standard = Catalogue(
        optimisers: [
            ServerSGD.self, ServerMomentum.self, ServerAdagrad.self, ServerAdam.self, ServerYogi.self,
        ])

    /// Adds a server optimiser. Its name must be free.
    public mutating func add(_ optimiser: (some ServerOptimiser).Type) {
        precondition(
            !optimisers.contains { $0.about.name == optimiser.about.name },
            "there is a server optimiser '\(optimiser.about.name)' already")
        optimisers.append(optimiser)
    }

    /// The server optimisers, as a list shows them.
    public var optimiserListings: [PartListing] { optimisers.map { $0.listing } }

    /// The server optimiser that a plan names.
    func optimiser(_ text: PartText) throws(PlanError) -> any ServerOptimiser {
        let field = "strategy.optimiser"
        guard let type = optimisers.first(where: { $0.about.name == text.name }) else {
            let hint = Suggestion.sentence(
                for: text.name, in: optimisers.map { $0.about.name }, orList: "there are")
            throw PlanError("\(field) is '\(text)', and there is no server optimiser '\(text.name)'\(hint)")
        }
        return try type.init(text, of: field)
    }
}
