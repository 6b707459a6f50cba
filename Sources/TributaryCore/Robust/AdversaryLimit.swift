/// How many of a round's updates a rule is to stand: f in the papers.
public struct AdversaryLimit: Hashable, Sendable {
    private enum Extent: Hashable {
        case count(Int)
        case share(Double)
    }

    private let extent: Extent
    private var refused = 0

    /// So many in every round.
    public static func count(_ count: Int) -> AdversaryLimit {
        precondition(count >= 0, "a number of adversaries is not negative")
        return AdversaryLimit(extent: .count(count))
    }

    /// ⌊share · n⌋ of n updates, where a product within a billionth of a whole number counts as it (0.29 · 100 is 29).
    /// `share` is at least 0 and below ½.
    public static func share(_ share: Double) -> AdversaryLimit {
        precondition(share >= 0 && share < 0.5, "a share of adversaries is at least 0 and below one half")
        return AdversaryLimit(extent: .share(share))
    }

    private init(extent: Extent) {
        self.extent = extent
    }

    /// The number or the share as plans have it.
    package var planText: String {
        switch extent {
        case .count(let count): count.planText
        case .share(let share): share.planText
        }
    }

    /// The limit for what is left of a round after `count` updates were refused: those are out, and were of the limit.
    public func discounting(_ count: Int) -> AdversaryLimit {
        var limit = self
        limit.refused += count
        return limit
    }

    /// How many of `count` updates that is.
    public func resolved(among count: Int) -> Int {
        let all =
            switch extent {
            case .count(let number): number
            case .share(let share): Int((share * Double(count + refused) * (1 + 1e-9)).rounded(.down))
            }
        return max(0, all - refused)
    }
}
