import TributaryMath

/// Turns what clients and server do into energy and, where there is a trace, into carbon.
///
/// A client that does something for a while takes its power times that while, and the network a share for every byte; each counts
/// by the intensity of the client's region in that while. Nothing is stored of clients: region and power follow from the seed,
/// unless a client says of itself what they are.
public struct EnergyModel: Hashable, Sendable {
    /// The powers.
    private let figures: Plan.Energy
    /// The carbon intensities; nil counts energy alone.
    public let trace: CarbonTrace?
    /// The trace's first time.
    public let origin: Instant
    private let places: [String: Int]
    private let seed: Seed

    /// The model of a resolved plan; nil if it counts no energy.
    ///
    /// - Parameter origin: the trace's first time.
    public init?(_ plan: Plan, trace: CarbonTrace?, origin: Instant = .start) {
        guard plan.energy.isCounted else { return nil }
        (figures, self.trace, self.origin) = (plan.energy.spellingOutDefaults, trace, origin)
        let names = trace?.names ?? []
        places = Dictionary(zip(names, names.indices)) { first, _ in first }
        seed = Self.seed(of: plan.seed)
    }

    /// An instant in seconds since the trace's first time.
    public func seconds(at instant: Instant) -> Double { origin.duration(to: instant).inSeconds }

    /// The place in the trace of the region that a client says it is in; nil if it says none, or one that is not in it.
    public func region(of statement: EnergyStatement) -> Int? { places[statement.region] }

    /// The region of a client by its place in the trace; all are as likely.
    public func region(of client: ClientID) -> Int {
        Self.region(of: client, among: trace?.names.count ?? 0, seed)
    }

    /// The region of a client of a run with the given seed, by its place among so many.
    public static func region(of client: ClientID, among count: Int, seed: UInt64) -> Int {
        region(of: client, among: count, self.seed(of: seed))
    }

    private static func region(of client: ClientID, among count: Int, _ seed: Seed) -> Int {
        guard count > 1 else { return 0 }
        var stream = seed.derived("region", client.rawValue).stream()
        return stream.uniform(below: count)
    }

    private static func seed(of run: UInt64) -> Seed { Seed(run).derived("energy") }

    /// P_k: what a client draws above idle while it trains, in watts.
    public func trainingWatts(of client: ClientID) -> Double {
        var stream = seed.derived("watts", client.rawValue).stream()
        return figures.trainingWatts?.draw(from: &stream) ?? 0
    }

    /// What a use takes: P·(end − start) + e_net·b, and that times the mean intensity of the while, in seconds since the trace's
    /// first time.
    private func amount(of use: EnergyUse, from start: Double, to end: Double) -> RoundSummary.Energy.Amount {
        var watts = use.isOnNetworkAlone ? 0 : figures.transferWatts ?? 0
        if use.kind == .training { watts = use.statement?.trainingWatts ?? trainingWatts(of: use.client) }
        let network = (figures.networkKWhPerGB ?? 0) * Double(use.bytes) * 1e-9
        let energy = watts * max(0, end - start) / 3.6e6 + network
        guard let trace else { return amount(energy, nil) }
        let place: Int? = if let said = use.statement { region(of: said) } else { region(of: use.client) }
        // For a client whose region is not known the mean of all counts.
        let intensity =
            place.map { trace.mean(in: $0, from: start, to: end) } ?? trace.mean(from: start, to: end)
        return amount(energy, intensity)
    }

    /// What the server takes from one time to another, in seconds; the intensity is the mean of all regions.
    func serverAmount(from start: Double, to end: Double) -> RoundSummary.Energy.Amount {
        let energy = (figures.serverWatts ?? 0) * max(0, end - start) / 3.6e6
        return amount(energy, trace.map { $0.mean(from: start, to: end) })
    }

    private func amount(_ energy: Double, _ intensity: Double?) -> RoundSummary.Energy.Amount {
        RoundSummary.Energy.Amount(kilowattHours: energy, grams: intensity.map { $0 * energy })
    }

    /// What a round takes that was open from one instant to another.
    ///
    /// Clients stop when the round ends: what they do is counted until then.
    public func energy(of uses: [EnergyUse], from start: Instant, to end: Instant) -> RoundSummary.Energy {
        var total = RoundSummary.Energy()
        let (start, end) = (seconds(at: start), seconds(at: end))
        for use in uses {
            let (begin, finish) = (min(seconds(at: use.start), end), min(seconds(at: use.end), end))
            total.add(amount(of: use, from: begin, to: finish), of: use.kind)
        }
        total.server = serverAmount(from: start, to: end)
        return total
    }
}
