import TributaryMath

/// Folds the updates of one round into their exact weighted mean.
///
/// Streaming: memory is O(model) for any number of updates. Sums from several workers or nodes merge exactly.
public struct UpdateSum: Sendable {
    private var sum: ExactSum

    /// The empty sum over models of `parameterCount` parameters.
    ///
    /// `bound` is the largest magnitude of a coordinate, `weightLimit` the largest total weight; nil if no exact
    /// summation fits both.
    public init?(parameterCount: Int, bound: Float, weightLimit: Int) {
        guard let grid = FixedPointGrid(bound: bound, weightLimit: weightLimit) else { return nil }
        sum = ExactSum(count: parameterCount, grid: grid)
    }

    /// Starts another round in the same memory; false, with nothing changed, if no exact summation fits the limits.
    public mutating func reset(bound: Float, weightLimit: Int) -> Bool {
        guard let grid = FixedPointGrid(bound: bound, weightLimit: weightLimit) else { return false }
        sum.reset(grid: grid)
        return true
    }

    /// Forgets all updates: another round, or another piece of the model, in the same memory and within the same limits.
    package mutating func reset() {
        sum.reset()
    }

    /// Contributions so far.
    public var contributionCount: Int { sum.termCount }
    /// The sum of their weights.
    public var totalWeight: Int { sum.totalWeight }

    /// Adds one update with its weight; nil if it was added, otherwise why it was refused.
    public mutating func add(_ update: [Float], weight: Int) -> UpdateRefusal? {
        guard update.count == sum.count else { return .malformed }
        return sum.add(update, weight: weight).map(UpdateRefusal.init)
    }

    /// Adds several updates in fewer passes over memory; for each, nil if it was added, otherwise why it was refused. Every
    /// one must have the sum's length.
    package mutating func add(_ updates: [UnsafeBufferPointer<Float>], weights: [Int]) -> [UpdateRefusal?] {
        sum.add(updates, weights: weights).map { $0.map(UpdateRefusal.init) }
    }

    /// Adds another sum of the same round. The weights of both together must be within the limit.
    public mutating func merge(_ other: UpdateSum) {
        let fits = sum.merge(other.sum)
        precondition(fits, "the contributions of a round exceed the weight limit it was opened with")
    }

    /// The weighted mean of the updates; nil without contributions.
    public func mean() -> [Double]? { sum.mean() }

    /// The length of the updates.
    package var parameterCount: Int { sum.count }
    /// s: a coordinate of the sum is a whole number of 2^−s.
    package var fractionBits: Int { sum.grid.fractionBits }

    /// The sum with noise, in units of its grid, over a fixed denominator.
    ///
    /// Dividing by how many contributions there really were would tell of a client by more than its update.
    package func noisyMean(
        over denominator: Double, addNoise: (UnsafeMutableBufferPointer<Double>) -> Void
    ) -> [Double] {
        var values = sum.integers
        values.withUnsafeMutableBufferPointer { finish($0, over: denominator, addNoise: addNoise) }
        return values
    }

    /// Writes the same to memory of the sum's length.
    package func write(
        noisyMeanTo mean: UnsafeMutableBufferPointer<Double>, over denominator: Double,
        addNoise: (UnsafeMutableBufferPointer<Double>) -> Void
    ) {
        _ = mean.update(fromContentsOf: sum.integers)
        finish(mean, over: denominator, addNoise: addNoise)
    }

    private func finish(
        _ values: UnsafeMutableBufferPointer<Double>, over denominator: Double,
        addNoise: (UnsafeMutableBufferPointer<Double>) -> Void
    ) {
        addNoise(values)
        let divisor = denominator * sum.grid.scale
        for index in values.indices { values[index] /= divisor }
    }

    /// Writes the same mean to memory of the sum's length. There must be a contribution.
    package func write(meanTo mean: UnsafeMutableBufferPointer<Double>) {
        sum.write(meanTo: mean)
    }
}
