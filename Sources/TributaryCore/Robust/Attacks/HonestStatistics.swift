/// The mean and spread of each coordinate of some updates: what an adversary who knows them, or guesses them from his
/// own clients, works with.
public struct HonestStatistics: Sendable {
    /// Updates seen.
    public private(set) var count = 0
    /// The mean of each coordinate.
    public private(set) var mean: [Double]
    /// The sum of the squared differences from the mean (Welford 1962).
    private var squares: [Double]

    /// Nothing seen yet, of updates of length `parameterCount`.
    public init(parameterCount: Int) {
        mean = [Double](repeating: 0, count: parameterCount)
        squares = mean
    }

    /// Takes in an update, which must have that length.
    public mutating func add(_ update: [Float]) {
        precondition(update.count == mean.count, "an update of another length")
        count += 1
        for index in update.indices {
            let difference = Double(update[index]) - mean[index]
            mean[index] += difference / Double(count)
            squares[index] += difference * (Double(update[index]) - mean[index])
        }
    }

    /// The standard deviation of a coordinate over the updates: the root of the mean squared difference from the mean.
    public func deviation(_ coordinate: Int) -> Double {
        count > 0 ? (squares[coordinate] / Double(count)).squareRoot() : 0
    }
}
