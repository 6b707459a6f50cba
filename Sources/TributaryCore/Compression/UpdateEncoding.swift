/// How an update travels: an encoding's name with its parameters, as a plan names it.
///
/// ```swift
/// let encoding = try UpdateEncoding("topk:0.05:f16")
/// ```
///
/// `docs/encodings.md` has the byte layouts. Every layout goes through an update in *blocks* of 65,536 coordinates that are
/// read one after another, each by itself, so that whoever aggregates updates of any size needs memory for one block. What
/// shares a scale is a *bucket*, a power of two of coordinates that divides a block. An update of a million coordinates
/// thus has some hundred scales instead of one: cheap (a hundredth of a bit a coordinate), and never worse.
///
/// To add an encoding: a case here, a row in ``EncodingFamily/all``, a codec in `TributaryWire`.
public struct UpdateEncoding: Hashable, Sendable {
    /// The coordinates of a block.
    package static let blockLength = 1 << 16

    /// What an encoding is, with its parameters.
    package enum Kind: Hashable, Sendable {
        /// Every number as it is, or rounded to a shorter format.
        case plain(TensorEncoding)
        /// Stochastic rounding to so many levels between a bucket's extremes (Suresh et al. 2017).
        case klevel(levels: Int, isRotated: Bool, bucket: Int)
        /// Stochastic rounding of magnitudes in units of a bucket's norm (Alistarh et al. 2017): 2^(bits−1) − 1 of them.
        case qsgd(bits: Int, isElias: Bool, bucket: Int)
        /// The largest coordinates (Stich et al. 2018).
        case topk(fraction: Double, values: TensorEncoding)
        /// Coordinates chosen by a seed.
        case randk(fraction: Double, values: TensorEncoding, isContractive: Bool)
        /// Signs after a rotation (Vargaftik et al. 2021).
        case drive(isContractive: Bool, bucket: Int)
        /// The nearest centroids after a rotation (Vargaftik et al. 2022).
        case eden(bits: Int, isContractive: Bool, bucket: Int)
    }

    /// What it is.
    package let kind: Kind

    /// An encoding whose parameters were checked.
    package init(_ kind: Kind) {
        self.kind = kind
    }

    /// Plain numbers.
    public init(_ tensors: TensorEncoding) {
        kind = .plain(tensors)
    }

    /// The format of the numbers if they travel as they are; nil for an encoding that compresses.
    public var plain: TensorEncoding? {
        if case .plain(let tensors) = kind { tensors } else { nil }
    }

    /// How what is decoded relates to what was encoded.
    public enum Bias: String, Hashable, Sendable, CaseIterable {
        /// It is the same.
        case exact
        /// Each number is the nearest that the format has.
        case rounded
        /// It varies, and its expected value is what was encoded.
        case unbiased
        /// The same for rotations drawn from all rotations. The Hadamard rotations that are used come near it on large buckets
        /// without a few coordinates that outweigh the others.
        case nearlyUnbiased = "nearly unbiased"
        /// It errs in a direction; the mean of many such updates does not come near the mean of what was encoded. To be used
        /// with ``ErrorFeedback``.
        case biased
    }

    /// How what is decoded relates to what was encoded.
    public var bias: Bias {
        switch kind {
        case .plain(.float32): .exact
        case .plain(.float16), .plain(.bfloat16): .rounded
        case .klevel, .qsgd: .unbiased
        case .topk(let fraction, let values):
            fraction < 1 ? .biased : values == .float32 ? .exact : .rounded
        case .randk(let fraction, let values, let isContractive):
            fraction == 1 ? (values == .float32 ? .exact : .rounded) : isContractive ? .biased : .unbiased
        case .drive(let isContractive, _), .eden(_, let isContractive, _): isContractive ? .biased : .nearlyUnbiased
        }
    }
}

extension UpdateEncoding {
    /// More bytes than an update of so many parameters ever takes: what a receiver sets aside for it. The layouts themselves say
    /// it exactly.
    package func byteLimit(parameterCount: Int) -> Int { 64 + 5 * parameterCount }

    /// The coordinates out of `count` that a share of them comes to: at least one, the nearest whole number.
    package static func entryCount(_ fraction: Double, of count: Int) -> Int {
        count == 0 ? 0 : max(1, min(count, Int((fraction * Double(count)).rounded())))
    }
}
