public import TributaryMath

/// How the clients of a round are drawn from the population.
public enum CohortSelection: Hashable, Sendable {
    /// A fixed number, without replacement, all equally likely.
    case uniform
    /// Each client independently with the same probability; the cohort's size varies from round to round.
    case poisson
    /// Every client, every round.
    case all
    /// A fixed number, as a ``ClientSelector`` of that name chooses them.
    case selector(PartText)

    /// Whether a round invites the same number every time, as far as there are clients.
    public var hasFixedSize: Bool {
        switch self {
        case .uniform, .selector: true
        case .poisson, .all: false
        }
    }
}

extension CohortSelection: PlanValue, CustomStringConvertible {
    package static var form: String {
        "uniform, poisson, all, or a selector such as power-of-choice:candidates=30 (see tributary algorithms)"
    }

    /// The ways that are not parts, by name.
    static let plain: [(name: String, selection: CohortSelection)] = [
        ("uniform", .uniform), ("poisson", .poisson), ("all", .all),
    ]

    package init?(planText text: String) {
        guard let part = PartText(planText: text) else { return nil }
        let plain = Self.plain.first { $0.name == part.name }?.selection
        guard plain == nil || part.settings.isEmpty else { return nil }
        self = plain ?? .selector(part)
    }

    package var planText: String { description }

    /// The way as plans say it.
    public var description: String {
        switch self {
        case .uniform: "uniform"
        case .poisson: "poisson"
        case .all: "all"
        case .selector(let part): part.planText
        }
    }
}

/// Draws cohorts. Time and memory are proportional to the clients drawn (the cohort and those passed over), not to the
/// population.
public struct CohortSelector: Hashable, Sendable {
    /// How clients are drawn.
    public let selection: CohortSelection
    /// Registered clients N.
    public let populationSize: Int
    /// The number of clients to invite (the expected number for Poisson sampling).
    public let inviteCount: Int

    /// A selector of `inviteCount` out of `populationSize` clients; `all` ignores `inviteCount`.
    public init(selection: CohortSelection, populationSize: Int, inviteCount: Int) {
        self.selection = selection
        self.populationSize = populationSize
        self.inviteCount = min(inviteCount, populationSize)
    }

    /// The cohort drawn with `seed`, in ascending order: clients for which `isEligible` is false are passed over.
    ///
    /// Uniform selection goes on drawing until it has its number or nobody is left, so eligible clients remain
    /// equally likely; Poisson sampling and `all` lose those who are not eligible.
    public func cohort(seed: Seed, isEligible: (ClientID) -> Bool = { _ in true }) -> [ClientID] {
        switch selection {
        case .all:
            return (0..<populationSize).map(ClientID.init(index:)).filter(isEligible)
        case .poisson:
            return poissonSample(seed: seed).filter(isEligible)
        case .selector:
            preconditionFailure("a selector chooses by itself, of all who are eligible")
        case .uniform:
            var stream = seed.stream()
            var sampler = DistinctSampler(population: populationSize, expectedCount: inviteCount)
            var cohort: [ClientID] = []
            cohort.reserveCapacity(inviteCount)
            while cohort.count < inviteCount, let index = sampler.next(from: &stream) {
                let client = ClientID(index: index)
                if isEligible(client) { cohort.append(client) }
            }
            return cohort.sorted()
        }
    }

    private func poissonSample(seed: Seed) -> [ClientID] {
        let rate = Double(inviteCount) / Double(max(populationSize, 1))
        guard rate > 0 else { return [] }
        var stream = seed.stream()
        var cohort: [ClientID] = []
        var next = stream.geometric(rate)
        while next < populationSize {
            cohort.append(ClientID(index: next))
            next += 1 + stream.geometric(rate)
        }
        return cohort
    }
}
