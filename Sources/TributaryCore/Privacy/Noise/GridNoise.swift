public import TributaryMath

/// Gaussian noise on the grid that sums are computed on, scaled to what one client can move such a sum.
///
/// A client's update is clipped to the L2 norm C and then rounded to multiples of 2^−s, which moves it by up to √d/2
/// grid units more: the sensitivity is C·2^s + √d/2 units, and the noise is z times that, both rounded up. On the usual
/// grids the additions are below a millionth.
public struct GridNoise: Hashable, Sendable {
    /// Which two data sets have to be told apart no better than (ε, δ) says.
    public enum Neighbours: Hashable, Sendable {
        /// One has a client that the other has not. What one release over many clients is measured by.
        case addOrRemove
        /// A client sends something else altogether. What noise on a single client's update is measured by; twice as
        /// far.
        case replace
    }

    /// s: a unit is 2^−s.
    public let fractionBits: Int
    /// The most that one client can move a sum, as an L2 norm in units.
    public let sensitivity: Int
    /// The noise's standard deviation in units; 0 without noise.
    public let deviation: Int
    private let gaussian: DiscreteGaussian?

    /// Noise for sums of updates of `count` coordinates clipped by `clip`, on a grid with `fractionBits`.
    ///
    /// An error if the grid is so fine, or the noise so large, that the noise would not fit in whole numbers.
    public init(
        clip: UpdateClip, noiseMultiplier: Double, count: Int, fractionBits: Int, neighbours: Neighbours = .addOrRemove
    ) throws(PrivacyError) {
        precondition(count >= 0, "a vector has no negative length")
        _ = try SampledGaussian(samplingRate: 1, noiseMultiplier: noiseMultiplier)
        let distance: Double = neighbours == .replace ? 2 : 1
        let scale = Double(sign: .plus, exponent: fractionBits, significand: 1)
        // Each product is rounded once: the next larger number is not below the true one.
        let reach = (distance * (clip.bound * scale + Double(count).squareRoot().nextUp / 2)).nextUp.rounded(.up)
        let spread = (reach * noiseMultiplier).nextUp.rounded(.up)
        guard reach <= Double(DiscreteGaussian.deviationLimit), spread <= Double(DiscreteGaussian.deviationLimit) else {
            throw PrivacyError(
                "noise of \(noiseMultiplier) times the clipping bound \(clip.bound) is more than 2^52 units of the sum's grid "
                    + "(2^-\(fractionBits)); use less noise or a larger bound on updates")
        }
        self.fractionBits = fractionBits
        sensitivity = Int(reach)
        deviation = noiseMultiplier > 0 ? Int(spread) : 0
        gaussian = deviation > 0 ? try DiscreteGaussian(deviation: deviation) : nil
    }

    /// Coordinates that share a key. Noise is made in blocks, so that each coordinate gets the same whichever pieces a
    /// sum is worked on in, and by how many threads.
    private static let blockLength = 4096

    /// Adds the noise that `key` stands for to the integers of a sum, or to a piece of them that begins at the
    /// coordinate `first`; takes it off again with `isNegative`.
    public func add(
        to sums: UnsafeMutableBufferPointer<Double>, from first: Int = 0, key: NoiseKey, isNegative: Bool = false
    ) {
        guard let gaussian else { return }
        var index = 0
        while index < sums.count {
            let coordinate = first + index
            let (block, place) = coordinate.quotientAndRemainder(dividingBy: Self.blockLength)
            var stream = key.derived("block", UInt64(block)).stream()
            for _ in 0..<place { _ = gaussian.sample(using: &stream) }
            let end = min(index + Self.blockLength - place, sums.count)
            while index < end {
                let noise = gaussian.sample(using: &stream)
                sums[index] = Self.sum(sums[index], isNegative ? -noise : noise)
                index += 1
            }
        }
    }

    /// Adds noise from a generator to the integers of a sum.
    public func add(to sums: UnsafeMutableBufferPointer<Double>, using generator: inout some RandomNumberGenerator) {
        guard let gaussian else { return }
        for index in sums.indices { sums[index] = Self.sum(sums[index], gaussian.sample(using: &generator)) }
    }

    /// A sum's integers with noise, divided by the fixed `denominator`: the released mean of a round.
    ///
    /// The denominator is the *expected* number of contributions. Dividing by how many there really were would
    /// tell of a client by more than its update.
    public func mean(of sum: ExactSum, over denominator: Double, key: NoiseKey) -> [Double] {
        precondition(sum.grid.fractionBits == fractionBits, "the noise of another grid than the sum's")
        precondition(denominator > 0, "a mean over nobody")
        var values = sum.integers
        values.withUnsafeMutableBufferPointer { add(to: $0, key: key) }
        let divisor = denominator * sum.grid.scale
        for index in values.indices { values[index] /= divisor }
        return values
    }

    /// A sum's integer is below 2^53 and noise below 2^62: they are added as integers and rounded once, if at all.
    /// Rounding after the noise tells nothing that the noise hides.
    @inline(__always)
    private static func sum(_ integer: Double, _ noise: Int) -> Double { Double(Int(integer) + noise) }
}
