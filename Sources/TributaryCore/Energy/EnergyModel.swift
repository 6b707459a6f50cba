import TributaryMath

/// Turns what clients and server do into energy and, where there is a trace, into carbon.
///
/// A client that does something for a while takes its power times that while, and the network a share for every byte; each counts
/// by the intensity of the client's region in that while. Nothing is stored of clients: region and power follow from the seed.
public struct EnergyModel: Hashable, Sendable {
    /// The powers.
    private let figures: Plan.Energy
    /// The carbon intensities; nil counts energy alone.
    public let trace: CarbonTrace?
    private let seed: Seed

    /// The model of a resolved plan; nil if it counts no energy.
    public init?(_ plan: Plan, trace: CarbonTrace?) {
        guard plan.energy.isCounted else { return nil }
        (figures, self.trace) = (plan.energy.spellingOutDefaults, trace)
        seed = Seed(plan.seed).derived("energy")
    }

    /// The region of a client by its place in the trace; all are as likely.
    public func region(of client: ClientID) -> Int {
        guard let trace, trace.names.count > 1 else { return 0 }
        var stream = seed.derived("region", client.rawValue).stream()
        return stream.uniform(below: trace.names.count)
    }

    /// P_k: what a client draws above idle while it trains, in watts.
    public func trainingWatts(of client: ClientID) -> Double {
        var stream = seed.derived("watts", client.rawValue).stream()
        return figures.trainingWatts?.draw(from: &stream) ?? 0
    }

    /// What a use takes: P·(end − start) + e_net·b, and that times the mean intensity of the while.
    func amount(of use: EnergyUse) -> RoundSummary.Energy.Amount {
        var watts = use.isOnNetworkAlone ? 0 : figures.transferWatts ?? 0
        if use.kind == .training { watts = trainingWatts(of: use.client) }
        let network = (figures.networkKWhPerGB ?? 0) * Double(use.bytes) * 1e-9
        let energy = watts * max(0, use.end - use.start) / 3.6e6 + network
        let region = region(of: use.client)
        return amount(energy, trace.map { $0.mean(in: region, from: use.start, to: use.end) })
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
        let (start, end) = (start.sinceStart.inSeconds, end.sinceStart.inSeconds)
        for var use in uses {
            use.start = min(use.start, end)
            use.end = min(use.end, end)
            total.add(amount(of: use), of: use.kind)
        }
        total.server = serverAmount(from: start, to: end)
        return total
    }
}

/// Something that a client does for a while.
public struct EnergyUse: Hashable, Sendable {
    /// What it does.
    public enum Kind: Hashable, Sendable {
        /// Receives the model, and what goes with it.
        case download
        /// Trains.
        case training
        /// Sends its update.
        case upload
    }

    /// What it does.
    public var kind: Kind
    /// Who.
    public var client: ClientID
    /// From when to when, in seconds since the run began.
    public var start, end: Double
    /// The bytes that are moved.
    public var bytes: Int
    /// Whether the device's power is noted elsewhere.
    public var isOnNetworkAlone = false

    /// A use with all its parts.
    public init(_ kind: Kind, of client: ClientID, from start: Instant, to end: Instant, bytes: Int = 0) {
        (self.kind, self.client, self.bytes) = (kind, client, bytes)
        (self.start, self.end) = (start.sinceStart.inSeconds, end.sinceStart.inSeconds)
    }
}
