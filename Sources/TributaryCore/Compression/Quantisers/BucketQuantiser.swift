package import TributaryMath

/// What a message says of a bucket beside its codes: one or two numbers.
package struct BucketScales: Hashable, Sendable {
    /// The first, or the only one.
    package var first: Float
    /// The second; 0 if there is none.
    package var second: Float

    package init(_ first: Float, _ second: Float = 0) {
        self.first = first
        self.second = second
    }

    /// Both multiplied by a power of two. A zero stays or becomes a positive one.
    package func scaled(by factor: Double) -> BucketScales {
        BucketScales(Float(Double(first) * factor) + 0, Float(Double(second) * factor) + 0)
    }

    /// Whether both are finite.
    package var isFinite: Bool { first.isFinite && second.isFinite }
}

/// Turns a bucket's numbers into codes of a few bits and scales, and scales into the levels that codes stand for.
package protocol BucketQuantiser: Sendable {
    /// The bits of a code, 8 at most.
    var bits: Int { get }
    /// Codes are below this.
    var codeCount: Int { get }
    /// How many scales a bucket has: one or two.
    var scaleCount: Int { get }

    /// Writes a code for each of the bucket's finite numbers and returns the scales. `seen` is the bucket's summary.
    func quantise(
        _ bucket: UnsafeBufferPointer<Float>, seen: VectorSummary, random: inout RandomLanes,
        codes: UnsafeMutablePointer<UInt8>
    ) -> BucketScales

    /// Whether a bucket may have these scales, which are finite: in order, and such that all levels are finite.
    func allows(_ scales: BucketScales) -> Bool

    /// Writes what each of the `codeCount` codes stands for.
    func writeLevels(_ scales: BucketScales, to levels: UnsafeMutablePointer<Float>)

    /// The code that every number of a bucket has whose levels are all one; nil if they are not.
    func onlyCode(_ scales: BucketScales) -> UInt8?
}

extension BucketQuantiser {
    /// The number of bits that so many codes need.
    static func bits(for codeCount: Int) -> Int { Int.bitWidth - (codeCount - 1).leadingZeroBitCount }
}
