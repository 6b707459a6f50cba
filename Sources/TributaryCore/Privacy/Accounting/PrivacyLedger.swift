/// What a run has spent of its privacy budget, round by round.
///
/// A round's step is *reserved* before its noise is released, and the reservation is stored before anything is shown
/// to anybody. It is never given back: what was released cannot be called in, and a round that was reserved and then
/// abandoned may have shown something. A round counts once however often it is reserved, so a crash between reserving
/// and releasing, and the replay after it, neither spend twice nor forget.
///
/// ```swift
/// switch ledger.reserve(step, for: round) {
/// case .reserved, .repeated: break        // store the ledger, then make the round's noise from its own key
/// case .exhausted: return                 // training is over
/// case .conflicting(let recorded): …      // the round was reserved with other noise: use that, or stop
/// }
/// ```
public struct PrivacyLedger: Sendable {
    /// What came of a reservation.
    public enum Reservation: Hashable, Sendable {
        /// The round's step now counts as spent.
        case reserved
        /// It counted already.
        case repeated
        /// It would exceed the budget. Nothing has changed.
        case exhausted
        /// The round was reserved with another step, which still counts. Nothing has changed.
        case conflicting(recorded: SampledGaussian)
    }

    /// Consecutive rounds with the same step.
    public struct Entry: Hashable, Sendable, Codable {
        /// The step of each round.
        public let step: SampledGaussian
        /// The first of the rounds.
        public internal(set) var first: RoundNumber
        /// The last of them.
        public internal(set) var last: RoundNumber

        /// The number of rounds.
        public var count: Int { last.rawValue - first.rawValue + 1 }
    }

    /// What may be spent in all.
    public let budget: PrivacyBudget
    /// What was spent, in the order of rounds; entries do not overlap.
    public private(set) var entries: [Entry]
    /// The divergences of the steps seen so far: they take the time, and there are few kinds of steps.
    private var curves: [SampledGaussian: [Double]] = [:]

    /// Nothing spent yet.
    public init(budget: PrivacyBudget) {
        self.budget = budget
        entries = []
    }

    init(budget: PrivacyBudget, entries: [Entry]) {
        self.budget = budget
        self.entries = entries
        for entry in entries { learn(entry.step) }
    }

    /// Rounds that were reserved.
    public var roundCount: Int { entries.reduce(0) { $0 + $1.count } }

    /// All that was spent, at the budget's δ.
    public var spent: PrivacyGuarantee { total(of: entries).guarantee(delta: budget.delta) }

    /// Whether the budget covers a round's step; for a round that was reserved, whether with this step.
    public func covers(_ step: SampledGaussian, for round: RoundNumber) -> Bool {
        var tried = self
        return switch tried.reserve(step, for: round) {
        case .reserved, .repeated: true
        case .exhausted, .conflicting: false
        }
    }

    /// Spends a round's step, once, if the budget covers it.
    public mutating func reserve(_ step: SampledGaussian, for round: RoundNumber) -> Reservation {
        if let entry = entries.last(where: { $0.first <= round && round <= $0.last }) {
            return entry.step == step ? .repeated : .conflicting(recorded: entry.step)
        }
        learn(step)
        var changed = entries
        Self.insert(Entry(step: step, first: round, last: round), into: &changed)
        guard budget.covers(total(of: changed)) else { return .exhausted }
        entries = changed
        return .reserved
    }

    /// The sum is always made anew, entry by entry: its bits depend on what was reserved, not on when or in which
    /// order.
    private func total(of entries: [Entry]) -> RenyiAccountant {
        var accountant = RenyiAccountant()
        for entry in entries { accountant.add(curves[entry.step] ?? Self.curve(of: entry.step), count: entry.count) }
        return accountant
    }

    private mutating func learn(_ step: SampledGaussian) {
        if curves[step] == nil { curves[step] = Self.curve(of: step) }
    }

    private static func curve(of step: SampledGaussian) -> [Double] {
        RenyiAccountant.defaultOrders.map(step.renyiDivergence)
    }

    private static func insert(_ entry: Entry, into entries: inout [Entry]) {
        // Rounds only grow, so the place is nearly always the end.
        let place = entries.lastIndex { $0.last < entry.first }.map { $0 + 1 } ?? 0
        entries.insert(entry, at: place)
        join(place, in: &entries)
        if place > 0 { join(place - 1, in: &entries) }
    }

    /// Makes one of an entry and the next one where they belong together.
    private static func join(_ place: Int, in entries: inout [Entry]) {
        guard place + 1 < entries.count else { return }
        let (entry, next) = (entries[place], entries[place + 1])
        guard entry.step == next.step, entry.last.next == next.first else { return }
        entries[place].last = next.last
        entries.remove(at: place + 1)
    }
}

extension PrivacyLedger: Hashable {
    /// Whether both have the same budget and spent the same.
    public static func == (left: PrivacyLedger, right: PrivacyLedger) -> Bool {
        left.budget == right.budget && left.entries == right.entries
    }

    /// Hashes the budget and what was spent.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(budget)
        hasher.combine(entries)
    }
}

extension PrivacyLedger: Codable {
    private enum CodingKeys: String, CodingKey {
        case version, budget, entries
    }

    /// Reads a ledger; one that contradicts itself, or is of a version that is not known here, is an error.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try StateVersion.check(values, .version, of: "privacy ledger")
        let entries = try values.decode([Entry].self, forKey: .entries)
        let isSound =
            entries.allSatisfy { $0.first.rawValue >= 0 && $0.first <= $0.last && $0.last.rawValue < 1 << 40 }
            && zip(entries, entries.dropFirst()).allSatisfy { $0.last < $1.first }
        guard isSound else {
            throw DecodingError.dataCorruptedError(
                forKey: .entries, in: values,
                debugDescription: "the rounds of a privacy ledger overlap, or are no rounds")
        }
        self.init(budget: try values.decode(PrivacyBudget.self, forKey: .budget), entries: entries)
    }

    /// Writes the ledger with its version.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(StateVersion.current, forKey: .version)
        try values.encode(budget, forKey: .budget)
        try values.encode(entries, forKey: .entries)
    }
}
