package import TributaryMath

/// Stochastic k-level quantisation (Suresh, Yu, Kumar and McMahan 2017, *Distributed Mean Estimation with Limited
/// Communication*): k levels between the bucket's smallest and largest number. With two levels, one bit a coordinate.
///
/// Unbiased, with a variance of at most (range / (k − 1))² / 4 a coordinate.
package struct LevelQuantiser: BucketQuantiser {
    package let codeCount: Int
    package var bits: Int { Self.bits(for: codeCount) }
    package let scaleCount = 2

    /// So many levels, 2 ... 256.
    package init(levelCount: Int) {
        codeCount = levelCount
    }

    package func quantise(
        _ bucket: UnsafeBufferPointer<Float>, seen: VectorSummary, random: inout RandomLanes,
        codes: UnsafeMutablePointer<UInt8>
    ) -> BucketScales {
        LevelGrid(from: seen.least, to: seen.greatest, count: codeCount).round(bucket, random: &random, codes: codes)
        return BucketScales(seen.least, seen.greatest)
    }

    package func allows(_ scales: BucketScales) -> Bool { scales.first <= scales.second }

    package func writeLevels(_ scales: BucketScales, to levels: UnsafeMutablePointer<Float>) {
        LevelGrid(from: scales.first, to: scales.second, count: codeCount).write(to: levels)
    }

    package func onlyCode(_ scales: BucketScales) -> UInt8? { scales.first == scales.second ? 0 : nil }
}
