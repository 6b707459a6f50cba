/// The noise that one round's sum gets.
///
/// It follows from the run's key, the round and the place of a coordinate alone: a sum may be worked on in any pieces, and
/// again after a crash, and every coordinate gets the same.
public struct RoundNoise: Hashable, Sendable {
    /// Noise of one key that is added, or taken off again.
    private struct Term: Hashable, Sendable {
        var key: NoiseKey
        var isNegative = false
    }

    private let grid: GridNoise
    private let terms: [Term]

    /// The noise of one key.
    init(_ grid: GridNoise, key: NoiseKey) {
        self.grid = grid
        terms = [Term(key: key)]
    }

    /// What changes in a tree's noise by one round: the noise of the node that it completes is made from `key`, that of a node
    /// that goes from what `former` says it was made from.
    init(_ grid: GridNoise, _ step: TreeAggregator.Step, key: NoiseKey, former: (TreeAggregator.Node) -> NoiseKey) {
        self.grid = grid
        terms =
            [Term(key: step.completed.key(from: key))]
            + step.swallowed.map { Term(key: $0.key(from: former($0)), isNegative: true) }
    }

    /// Adds the noise to the integers of a sum, or to a piece of them that begins at the coordinate `first`.
    package func add(to sums: UnsafeMutableBufferPointer<Double>, from first: Int = 0) {
        for term in terms { grid.add(to: sums, from: first, key: term.key, isNegative: term.isNegative) }
    }
}

/// How a server adds up the updates of one round, and what it lets out of them: every update clipped, noise on their
/// exact sum, and all of that over a denominator that was known before.
///
/// Updates need not be in memory: a sum of any piece of them, within the limits given here, has the same grid as one of the
/// whole vectors.
public struct PrivateSum: Hashable, Sendable {
    /// What every update is clipped by, as one vector.
    public let clip: UpdateClip
    /// The largest magnitude of a coordinate of what is summed.
    public let bound: Float
    /// The limit of the sum of the weights, with room for the noise; every update has the weight 1.
    public let weightLimit: Int
    /// What the sum gets.
    public let noise: RoundNoise
    /// m.
    public let denominator: Double
}

extension PrivacyState {
    /// How the updates of the open round are added up on a server.
    ///
    /// - Parameters:
    ///   - parameterCount: the model's length: the noise is measured by that of the whole update, whatever piece it is for.
    ///   - contributions: the most that any round of the run may have.
    ///   - keys: what the noise is made from.
    package func privateSum(
        of round: RoundNumber, parameterCount: Int, contributions: Int, under privacy: RoundPrivacy, keys: RoundKeys
    ) -> PrivateSum {
        let (bound, weightLimit) = sumLimits(
            under: privacy, contributions: contributions, populationSize: contributions)
        guard let sum = UpdateSum(parameterCount: 0, bound: bound, weightLimit: weightLimit) else {
            preconditionFailure("limits that a plan was checked to leave a grid for")
        }
        return PrivateSum(
            clip: clip(under: privacy), bound: bound, weightLimit: weightLimit,
            noise: noise(
                in: round, count: parameterCount, fractionBits: sum.fractionBits, under: privacy, keys: keys),
            denominator: Double(privacy.expectedContributions))
    }
}
