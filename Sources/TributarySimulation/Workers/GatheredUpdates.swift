import TributaryCore
import TributaryMath

/// What a worker has of the open round: the exact sum of its updates or, for a rule that has to see them together, the
/// updates themselves.
struct GatheredUpdates: Sendable {
    /// An update that is kept until the round ends.
    struct Kept: Sendable {
        var client: ClientID
        var values: [Float]
        var weight: Int
    }

    private(set) var sum: UpdateSum?
    private(set) var kept: [Kept] = []
    private var isKeeping = false
    private var parameterCount = 0
    private var bound: Float = 0

    /// Begins another round in which sums do. Memory is used again.
    mutating func beginSum(parameterCount: Int, bound: Float, weightLimit: Int) {
        isKeeping = false
        kept = []
        if sum?.reset(bound: bound, weightLimit: weightLimit) != true {
            sum = UpdateSum(parameterCount: parameterCount, bound: bound, weightLimit: weightLimit)
        }
    }

    /// Begins another round whose updates are needed one by one.
    mutating func beginKeeping(parameterCount: Int, bound: Float) {
        (isKeeping, self.parameterCount, self.bound) = (true, parameterCount, bound)
        kept.removeAll(keepingCapacity: true)
        sum = nil
    }

    /// Why an update cannot be used; nil if it can.
    static func refusal(of update: [Float], weight: Int, parameterCount: Int, bound: Float) -> UpdateRefusal? {
        guard update.count == parameterCount else { return .malformed }
        guard weight >= 1 else { return .badWeight }
        var scan = TermScan(bound: bound)
        update.withUnsafeBufferPointer { scan.see($0) }
        return scan.refusal.map(UpdateRefusal.init)
    }

    /// Takes an update; nil, or why it is refused, by the same checks either way.
    mutating func add(_ update: [Float], of client: ClientID, weight: Int) -> UpdateRefusal? {
        guard isKeeping else {
            guard sum != nil else { preconditionFailure("a worker without a sum for the open round") }
            return sum?.add(update, weight: weight)
        }
        if let refusal = Self.refusal(of: update, weight: weight, parameterCount: parameterCount, bound: bound) {
            return refusal
        }
        kept.append(Kept(client: client, values: update, weight: weight))
        return nil
    }
}
