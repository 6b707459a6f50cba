/// The robust rules as parts that plans name. What they do is said where they are written.

private let anyOther = "any selection, local solver and server optimiser; server.weighting plays no part"

extension CoordinateMedian: AggregationPart {
    /// What there is to know of it.
    public static let about = PartDescription(
        name: "median", summary: "The median of each coordinate; stands less than half of the clients.",
        paper: "Yin, Chen, Ramchandran, Bartlett 2018, Byzantine-Robust Distributed Learning", combinations: anyOther)
    /// There are none.
    public static let parameters: [PartParameter<CoordinateMedian>] = []
}

extension TrimmedMean: AggregationPart {
    /// What there is to know of it.
    public static let about = PartDescription(
        name: "trimmed-mean", summary: "The mean of each coordinate without its largest and smallest values.",
        paper: "Yin, Chen, Ramchandran, Bartlett 2018, Byzantine-Robust Distributed Learning", combinations: anyOther)
    /// How many are left out at either end.
    public static let parameters: [PartParameter<TrimmedMean>] = [PartParameter("adversaries", \.limit)]

    /// A fifth at either end.
    public init() { self.init(limit: .fifth) }
}

extension Krum: AggregationPart {
    /// What there is to know of it.
    public static let about = PartDescription(
        name: "krum", summary: "The update whose nearest others are the closest.",
        paper: "Blanchard, El Mhamdi, Guerraoui, Stainer 2017, Machine Learning with Adversaries",
        combinations: anyOther + "; n ≥ 2f + 3")
    /// f.
    public static let parameters: [PartParameter<Krum>] = [PartParameter("adversaries", \.limit)]

    /// One update, where a fifth may be bad.
    public init() { self.init(limit: .fifth) }
}

/// Multi-Krum as a part: ``Krum`` with more than one update chosen.
public struct MultiKrum: AggregationPart {
    /// f.
    public var limit = AdversaryLimit.fifth
    /// m; 0 for n − f.
    public var chosen = 0

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "multi-krum", summary: "The mean of the updates whose nearest others are the closest.",
        paper: Krum.about.paper, combinations: Krum.about.combinations)
    /// f, and m.
    public static let parameters: [PartParameter<MultiKrum>] = [
        PartParameter("adversaries", \.limit),
        PartParameter(
            "chosen", \.chosen, "How many updates the mean is of; 0 for all but the adversaries expected.",
            must: "a whole number from 0"
        ) { $0 >= 0 },
    ]

    /// All but a fifth.
    public init() {}

    /// Krum with that choice.
    public var rule: (any RobustRule)? {
        Krum(limit: limit, selection: chosen == 0 ? .allButLimit : .count(chosen))
    }
}

extension Bulyan: AggregationPart {
    /// What there is to know of it.
    public static let about = PartDescription(
        name: "bulyan", summary: "Chooses updates by Krum, then trims each coordinate around its median.",
        paper: "El Mhamdi, Guerraoui, Rouault 2018, The Hidden Vulnerability of Distributed Learning in Byzantium",
        combinations: anyOther + "; n ≥ 4f + 3")
    /// f, and how the updates are chosen.
    public static let parameters: [PartParameter<Bulyan>] = [
        PartParameter("adversaries", \.limit),
        PartParameter("selection", \.selection, "One after the other, as published, or the best of one run of Krum."),
    ]

    /// A fifth may be bad.
    public init() { self.init(limit: .fifth) }
}

extension GeometricMedian: AggregationPart {
    /// What there is to know of it.
    public static let about = PartDescription(
        name: "geometric-median", summary: "The point with the smallest weighted mean distance from the updates (RFA).",
        paper: "Pillutla, Kakade, Harchaoui 2022, Robust Aggregation for Federated Learning",
        combinations: "any other parts; stands any updates with less than half of the weight")
    /// ν, R, when to end, and where to begin.
    public static let parameters: [PartParameter<GeometricMedian>] = [
        PartParameter("steps", \.steps, "R: the most steps.", must: "a whole number from 1 to 1000") {
            $0 >= 1 && $0 <= 1000
        },
        PartParameter("smoothing", \.smoothing, "ν: distances below it count as it.", must: "a number above 0") {
            $0 > 0 && $0.isFinite
        },
        PartParameter(
            "tolerance", \.tolerance, "Ends when a step gains less than this share.", must: "a number from 0"
        ) { $0 >= 0 && $0.isFinite },
        PartParameter("start", \.start, "Where the steps begin; from the origin huge updates cannot carry them away."),
    ]

    /// Three steps from the mean.
    public init() { self.init(steps: 3) }
}

extension NormBounding: AggregationPart {
    /// What there is to know of it.
    public static let about = PartDescription(
        name: "norm-bounding", summary: "The weighted mean of the updates, each shortened to a norm of at most C.",
        paper: "Sun, Kairouz, Suresh, McMahan 2019, Can You Really Backdoor Federated Learning?",
        combinations: "any other parts; set the bound by the norms that reports show")
    /// C.
    public static let parameters: [PartParameter<NormBounding>] = [
        PartParameter("bound", \.bound, "C: the largest norm.", must: "a number above 0") { $0 > 0 && $0.isFinite }
    ]

    /// C = 1.
    public init() { self.init(bound: 1) }
}

extension CentredClipping: AggregationPart {
    /// What there is to know of it.
    public static let about = PartDescription(
        name: "centred-clipping",
        summary: "From the last round's aggregate v, steps v ← v + mean of the (uᵢ − v), each shortened to at most τ.",
        paper: "Karimireddy, He, Jaggi 2021, Learning from History for Byzantine Robust Optimization",
        combinations: "rounds, any other parts; set the bound by how far updates are from one another")
    /// τ and L.
    public static let parameters: [PartParameter<CentredClipping>] = [
        PartParameter(
            "bound", \.bound, "τ: how far one client moves the aggregate at most, times the number of clients.",
            must: "a number above 0"
        ) { $0 > 0 && $0.isFinite },
        PartParameter("steps", \.steps, "L: the steps of a round.", must: "a whole number from 1 to 100") {
            (1...100).contains($0)
        },
    ]

    /// τ = 1 and one step.
    public init() { self.init(bound: 1) }
}

extension AdversaryLimit {
    /// ⌊n/5⌋ of n.
    static let fifth = AdversaryLimit.share(0.2)
}

extension PartParameter {
    /// How many of a round's updates a rule is to stand.
    fileprivate init(_ name: String, _ keyPath: any WritableKeyPath<Part, AdversaryLimit> & Sendable) {
        self.init(
            name, value: keyPath, "How many clients of a round may be bad: a share of them, or a number.",
            must: AdversaryLimit.form
        ) { _ in true }
    }
}

extension AdversaryLimit: PlanValue {
    package static var form: String { "a share from 0 up to, but not including, 0.5, or a whole number" }

    package init?(planText text: String) {
        if let count = Int(planText: text) {
            guard count >= 0, count <= 10_000_000 else { return nil }
            self = .count(count)
        } else {
            guard let share = Double(planText: text), share >= 0, share < 0.5 else { return nil }
            self = .share(share)
        }
    }
}
