import TributaryCore

/// Something that happens to an invited client at an instant of virtual time.
struct RoundEvent: Comparable, Sendable {
    enum Kind: Hashable, Sendable {
        /// The client's whole update arrived.
        case updateArrives
        /// The client vanished.
        case lost(DropCause)
        /// The client was heard from for the last time.
        case lastHeartbeat
        /// The client's lease runs out unless it was heard from.
        case leaseEnds
        /// The round's deadline. Belongs to no client.
        case deadline
    }

    var instant: Instant
    /// The client's place in the cohort; `Int.max` where no client is concerned.
    var place: Int
    var kind: Kind

    /// By time, then by client (a cohort is in ascending order): two things at one instant always happen in the same
    /// order.
    static func < (left: RoundEvent, right: RoundEvent) -> Bool {
        if left.instant != right.instant { return left.instant < right.instant }
        return (left.place, left.rank) < (right.place, right.rank)
    }

    private var rank: Int {
        switch kind {
        case .lastHeartbeat: 0
        case .updateArrives: 1
        case .lost: 2
        case .leaseEnds: 3
        case .deadline: 4
        }
    }
}
