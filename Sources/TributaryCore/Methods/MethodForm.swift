/// What a method keeps from round to round, sends beside model and update, and has clients measure.
public struct MethodForm: Hashable, Sendable {
    /// A vector, as long as the model, that goes up beside an update.
    public struct Message: Hashable, Sendable {
        /// Its name: lower-case letters, digits and hyphens.
        public var name: String
        /// The largest magnitude of a coordinate; a message beyond it refuses the whole update.
        public var bound: Double

        /// A message with both its parts.
        public init(_ name: String, bound: Double) {
            (self.name, self.bound) = (name, bound)
        }
    }

    /// What a client works out at the model that it was given, on all its examples, before it trains.
    public enum Measure: Hashable, Sendable {
        /// Nothing.
        case nothing
        /// F_k(x).
        case loss
        /// F_k(x) and ∇F_k(x).
        case gradient
    }

    /// The form's name and version, for example `scaffold-1`; empty if there is nothing to say.
    public var name: String
    /// The server's vectors. They start from zero.
    public var server: [String] = []
    /// How many of the server's vectors, from the first, go down with the model.
    public var sentCount = 0
    /// A client's vectors. They start from zero, and take no memory until then.
    public var memory: [String] = []
    /// The vectors that go up beside an update.
    public var messages: [Message] = []
    /// The numbers that go up beside an update.
    public var figures: [String] = []
    /// Where these lie if they make sense; one beyond it refuses the whole update.
    public var figureRange = -1e100...1e100
    /// What clients measure.
    public var measure = Measure.nothing
    /// Whether the server's figures are one for each client of the population, in the clients' order. Where clients come and
    /// go, `FederatedMethod.figures(_:movedTo:)` brings them to another population.
    public var hasFigurePerClient = false
    /// The largest weight of an update where the method makes one of its own; nil where weights are counts of examples.
    public var weightLimit: Int?

    /// A form of that name with nothing in it yet.
    public init(name: String) {
        self.name = name
    }

    /// There is nothing to say.
    public static let none = MethodForm(name: "")

    /// Whether a round is one of plain averaging, whatever is different about local training.
    public var isEmpty: Bool { name.isEmpty }
    /// The server's vectors, as they are stored.
    package var serverVectors: OptimiserStateForm {
        server.isEmpty ? .none : OptimiserStateForm(name: name, vectors: server.map { .init($0) })
    }
}

/// What a client's local work was, for a method to make its update of.
public struct LocalWork: Sendable {
    /// How it trained.
    public var solver: LocalSolver
    /// What training gave.
    public var outcome: TrainingOutcome
    /// F_k(x) at the model it was given, if the form asks for it.
    public var loss = 0.0
    /// ∇F_k(x), if the form asks for it; empty otherwise.
    public var gradient: [Float] = []
    /// The vectors that came down with the model, one after another.
    public var sent: [Float] = []

    /// Work without anything measured.
    public init(solver: LocalSolver, outcome: TrainingOutcome) {
        (self.solver, self.outcome) = (solver, outcome)
    }
}

/// What is known of one contribution to a round when it commits.
public struct MethodContribution: Hashable, Sendable {
    /// Whose it is.
    public var client: ClientID
    /// Its weight in the mean.
    public var weight: Int
    /// The figures that came with it.
    public var figures: [Double]

    /// A contribution with all its parts.
    public init(client: ClientID, weight: Int, figures: [Double]) {
        (self.client, self.weight, self.figures) = (client, weight, figures)
    }
}

extension [MethodContribution] {
    /// The mean of one of the figures, by the updates' weights.
    func mean(of place: Int) -> Double {
        let total = reduce(0.0) { $0 + Double($1.weight) }
        return reduce(0.0) { $0 + Double($1.weight) * $1.figures[place] } / total
    }
}
