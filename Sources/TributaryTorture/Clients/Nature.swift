import TributaryMath

/// What kind of client somebody is. All but the honest ones become honest when the world heals.
enum Nature: String, CaseIterable, Hashable, Sendable {
    /// Does what it should.
    case honest
    /// Takes tasks and is never heard of again until it comes for the next.
    case silent
    /// Says that it is at work, and never delivers.
    case stalling
    /// Delivers after the round is over.
    case late
    /// Hands every result in several times.
    case repeating
    /// Hands in an update that differs from its first one for the same task.
    case changing
    /// Hands in results for tasks that are another run's, another round's or another client's.
    case confused
    /// Announces a digest and sends other bytes.
    case garbling
    /// Sends NaN and infinities.
    case notFinite
    /// Sends coordinates beyond the bound.
    case exceeding
    /// Claims a weight of nothing, or of far too much.
    case weighty
    /// Sends an update of another length, or in another encoding.
    case misshapen
    /// Hands in a result whose bytes it never uploaded.
    case absent
    /// Gives its tasks back.
    case failing
    /// Announces a fresh digest each time and never finishes an upload.
    case hoarding

    /// Whether its results may count.
    var isTrue: Bool {
        switch self {
        case .honest, .repeating, .changing, .late, .silent, .stalling, .failing: true
        case .confused, .garbling, .notFinite, .exceeding, .weighty, .misshapen, .absent, .hoarding: false
        }
    }
}
