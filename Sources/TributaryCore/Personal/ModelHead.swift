/// The coordinates of a model that stay with each client, and those that are shared.
public struct ModelHead: Hashable, Sendable {
    /// Where the head lies in the flat vector, in ascending order; empty if everything is shared.
    public let ranges: [Range<Int>]
    /// Where the rest lies, in ascending order.
    public let base: [Range<Int>]
    /// The coordinates of the head.
    public let count: Int
    private let parameterCount: Int

    /// The head that lies at `ranges`, which are in ascending order and apart, of a vector of `parameterCount` coordinates.
    public init(_ ranges: [Range<Int>], parameterCount: Int) {
        precondition(
            zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound }
                && (ranges.last?.upperBound ?? 0) <= parameterCount, "a head outside its model")
        self.ranges = ranges
        self.parameterCount = parameterCount
        count = ranges.reduce(0) { $0 + $1.count }
        let starts = [0] + ranges.map(\.upperBound)
        base = zip(starts, ranges.map(\.lowerBound) + [parameterCount]).filter { $0 < $1 }.map { $0..<$1 }
    }

    /// Everything is shared.
    public static func none(parameterCount: Int) -> ModelHead { ModelHead([], parameterCount: parameterCount) }

    /// Whether everything is shared.
    public var isEmpty: Bool { ranges.isEmpty }
    /// The coordinates that are shared.
    public var baseCount: Int { parameterCount - count }

    /// The head of a model, its coordinates one after another.
    public func gathered(from model: [Float]) -> [Float] { ranges.flatMap { model[$0] } }

    /// Puts what `gathered` took into a model.
    public func put(_ values: [Float], into model: inout [Float]) { Self.put(values, at: ranges, into: &model) }

    /// Makes an update of nothing but what is shared.
    public func clear(_ update: inout [Float]) {
        for range in ranges { for index in range { update[index] = 0 } }
    }

    /// What is shared of a vector, its coordinates one after another.
    public func shared(of vector: [Float]) -> [Float] {
        isEmpty ? vector : base.flatMap { vector[$0] }
    }

    /// What `shared` took as a whole vector, zero in the head.
    public func whole(_ shared: [Float]) -> [Float] {
        guard !isEmpty else { return shared }
        var vector = [Float](repeating: 0, count: parameterCount)
        Self.put(shared, at: base, into: &vector)
        return vector
    }

    private static func put(_ values: [Float], at ranges: [Range<Int>], into vector: inout [Float]) {
        precondition(values.count == ranges.reduce(0) { $0 + $1.count }, "a part of another length than its place")
        var start = 0
        for range in ranges {
            for index in range { vector[index] = values[start + index - range.lowerBound] }
            start += range.count
        }
    }
}
