package import TributaryMath

/// QSGD (Alistarh, Grubic, Li, Tomioka and Vojnović 2017, *QSGD: Communication-Efficient SGD via Gradient Quantization and
/// Encoding*): levels −s … s in units of the bucket's norm over s.
///
/// Rounding magnitudes up or down at random and keeping signs is the same as rounding on the grid from −norm to norm, so
/// code c stands for the level (c − s) · norm / s. Unbiased, E‖v̂ − v‖² ≤ min(n / s², √n / s) ‖v‖² for buckets of n.
package struct NormQuantiser: BucketQuantiser {
    /// The levels above zero.
    package let magnitudeCount: Int
    package var codeCount: Int { 2 * magnitudeCount + 1 }
    package var bits: Int { Self.bits(for: codeCount) }
    package let scaleCount = 1

    /// So many levels above zero, 1 ... 127.
    package init(magnitudeCount: Int) {
        self.magnitudeCount = magnitudeCount
    }

    /// As many as fit codes of so many bits.
    package init(bits: Int) {
        self.init(magnitudeCount: 1 << (bits - 1) - 1)
    }

    package func quantise(
        _ bucket: UnsafeBufferPointer<Float>, seen: VectorSummary, random: inout RandomLanes,
        codes: UnsafeMutablePointer<UInt8>
    ) -> BucketScales {
        let norm = Float(seen.squares.squareRoot())
        // Beyond single precision: the caller is told by the scale.
        if !norm.isFinite || norm == 0 {
            codes.update(repeating: UInt8(magnitudeCount), count: bucket.count)
        } else {
            LevelGrid(from: -norm, to: norm, count: codeCount).round(bucket, random: &random, codes: codes)
        }
        return BucketScales(norm)
    }

    package func allows(_ scales: BucketScales) -> Bool { scales.first >= 0 }

    package func writeLevels(_ scales: BucketScales, to levels: UnsafeMutablePointer<Float>) {
        LevelGrid(from: -scales.first, to: scales.first, count: codeCount).write(to: levels)
    }

    package func onlyCode(_ scales: BucketScales) -> UInt8? { scales.first == 0 ? UInt8(magnitudeCount) : nil }
}
