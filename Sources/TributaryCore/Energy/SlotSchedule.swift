/// When the rounds of a run begin, where each takes a time slot: with slack, in the slots with the least carbon (Arputharaj,
/// Rodriguez, Rodio, Neglia 2025, Green Federated Learning via Carbon-Aware Client and Time Slot Scheduling).
///
/// The intensities of slots are those of the trace: forecasts are taken to be right.
public struct SlotSchedule: Hashable, Sendable {
    /// How long a slot is.
    public let slot: Duration
    /// The slot of each round, in ascending order from 0.
    public let slots: [Int]
    /// The mean intensity over regions of each of the first T + s slots; empty without a trace.
    public let intensities: [Double]

    /// T rounds in the first T + s slots.
    ///
    /// - Parameter offset: when the first slot begins, in seconds since the trace's first time.
    public init(rounds: Int, slack: Int, slot: Duration, trace: CarbonTrace?, offset: Double = 0) {
        self.slot = slot
        guard let trace, slack > 0 else {
            (slots, intensities) = (Array(0..<rounds), [])
            return
        }
        let length = slot.inSeconds
        let means = (0..<rounds + slack).map { slot in
            trace.mean(from: offset + Double(slot) * length, to: offset + Double(slot + 1) * length)
        }
        // Means that differ by rounding alone are the same: an even trace keeps the schedule of a run without slack.
        let scale = (means.max() ?? 0) > 0 ? 1e9 / (means.max() ?? 1) : 0
        let keys = means.map { ($0 * scale).rounded() }
        slots = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.prefix(rounds).sorted()
        intensities = means
    }

    /// The earliest instant at which a round begins, where the first slot begins at `begin`.
    public func start(of round: RoundNumber, since begin: Instant = .start) -> Instant {
        let place = round.rawValue - 1
        return begin.advanced(by: slot * (place < slots.count ? slots[place] : place))
    }

    /// 1 − Σ intensity of the slots taken / Σ intensity of the first T; 0 if nothing was chosen by intensity.
    public var saving: Double {
        guard !intensities.isEmpty else { return 0 }
        let first = intensities.prefix(slots.count).reduce(0, +)
        return first > 0 ? 1 - slots.reduce(0) { $0 + intensities[$1] } / first : 0
    }
}
