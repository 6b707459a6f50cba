/// Draws distinct members of 0 ..< population one at a time, for as long as the caller wants more.
///
/// A Fisher–Yates shuffle from the end that stores only the places it touched, in a hash table of its own: shards
/// drawn on demand make samplers by the thousand, and a `Dictionary` was most of what such a shard cost.
public struct DistinctSampler: Sendable {
    /// A place of the shuffle that no longer holds its own number.
    private struct Move {
        var place: Int
        var member: Int
    }

    private static let empty = -1

    private var moves: [Move]
    private var moveCount = 0
    private var remaining: Int

    /// A sampler over 0 ..< `population` of which about `expectedCount` members will be drawn.
    public init(population: Int, expectedCount: Int = 8) {
        remaining = population
        moves = Self.table(for: min(expectedCount, population))
    }

    /// The next member, uniform among those not drawn yet; nil when all were drawn.
    public mutating func next(from stream: inout RandomStream) -> Int? {
        guard remaining > 0 else { return nil }
        let pick = stream.uniform(below: remaining)
        remaining -= 1
        // The last place is never looked at again, so its move may stay in the table.
        let last = member(at: remaining)
        if pick == remaining { return last }
        let slot = slot(of: pick)
        guard moves[slot].place == Self.empty else {
            defer { moves[slot].member = last }
            return moves[slot].member
        }
        moves[slot] = Move(place: pick, member: last)
        moveCount += 1
        if 2 * moveCount > moves.count { grow() }
        return pick
    }

    private func member(at place: Int) -> Int {
        let move = moves[slot(of: place)]
        return move.place == place ? move.member : place
    }

    /// Where the table holds a place, or would.
    private func slot(of place: Int) -> Int {
        let mask = moves.count - 1
        var slot = Int(truncatingIfNeeded: (UInt64(place) &* 0x9E37_79B9_7F4A_7C15) &>> 32) & mask
        while moves[slot].place != Self.empty, moves[slot].place != place { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        let old = moves
        moves = Self.table(for: moveCount * 2)
        for move in old where move.place != Self.empty { moves[slot(of: move.place)] = move }
    }

    /// An empty table, at most half full with `count` moves: a power of two of slots.
    private static func table(for count: Int) -> [Move] {
        var size = 16
        while size < 2 * count { size *= 2 }
        return [Move](repeating: Move(place: empty, member: 0), count: size)
    }
}
