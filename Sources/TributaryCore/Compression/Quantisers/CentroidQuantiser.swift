package import TributaryMath

/// Rounds each number to the nearest of a few fixed centroids times a scale; meant for buckets that were rotated, whose
/// numbers are spread like normal ones.
///
/// With centroids −1 and 1 it is DRIVE (Vargaftik et al. 2021, *DRIVE: One-bit Distributed Mean Estimation*), with the
/// Lloyd–Max centroids of the normal distribution EDEN (Vargaftik et al. 2022, *EDEN: Communication-Efficient and Robust
/// Distributed Mean Estimation for Federated Learning*).
///
/// Of a bucket R with centroids Q, the scale ‖R‖² / ⟨R, Q⟩ makes ⟨R, S·Q⟩ = ‖R‖²: with a rotation drawn from all rotations what is
/// decoded is unbiased. The scale ⟨R, Q⟩ / ‖Q‖² makes ‖S·Q − R‖ least: contractive, for use with error feedback.
package struct CentroidQuantiser: BucketQuantiser {
    /// The centroids in ascending order: 2, 4, 8 or 16.
    package let centroids: [Float]
    /// Whether the scale is that of the least error.
    package let isContractive: Bool
    private let thresholds: [Double]

    package var codeCount: Int { centroids.count }
    package var bits: Int { Self.bits(for: centroids.count) }
    package let scaleCount = 1

    private init(centroids: [Float], isContractive: Bool) {
        self.centroids = centroids
        self.isContractive = isContractive
        thresholds = zip(centroids, centroids.dropFirst()).map { (Double($0) + Double($1)) / 2 }
    }

    /// Signs.
    package static func drive(isContractive: Bool) -> CentroidQuantiser {
        CentroidQuantiser(centroids: [-1, 1], isContractive: isContractive)
    }

    /// The centroids of so many bits, 1 ... 4.
    package static func eden(bits: Int, isContractive: Bool) -> CentroidQuantiser {
        let upper = NormalCentroids.positive(bits: bits)
        return CentroidQuantiser(centroids: upper.reversed().map { -$0 } + upper, isContractive: isContractive)
    }

    package func quantise(
        _ bucket: UnsafeBufferPointer<Float>, seen: VectorSummary, random: inout RandomLanes,
        codes: UnsafeMutablePointer<UInt8>
    ) -> BucketScales {
        let squares = seen.squares
        guard squares > 0 else {
            codes.update(repeating: 0, count: bucket.count)
            return BucketScales(0)
        }
        // The centroids are for numbers with a mean square of 1.
        let deviation = (squares / Double(bucket.count)).squareRoot()
        let thresholds = thresholds.map { Float($0 * deviation) }
        thresholds.withUnsafeBufferPointer {
            VectorLevel.best.countThresholds($0, reachedBy: bucket, codes: codes)
        }
        let (product, size) = products(of: bucket, seen: seen, codes)
        return BucketScales(Float(isContractive ? product / size : squares / product))
    }

    /// ⟨R, Q⟩ and ‖Q‖².
    private func products(
        of bucket: UnsafeBufferPointer<Float>, seen: VectorSummary, _ codes: UnsafePointer<UInt8>
    ) -> (Double, Double) {
        if centroids.count == 2 {
            let centroid = Double(centroids[1])
            return (centroid * seen.magnitudes, centroid * centroid * Double(bucket.count))
        }
        return withUnsafeTemporaryAllocation(of: Float.self, capacity: bucket.count) { nearest in
            centroids.withUnsafeBufferPointer { centroids in
                for place in 0..<bucket.count { nearest[place] = centroids[Int(codes[place])] }
            }
            let nearest = UnsafeBufferPointer(nearest)
            return (VectorLevel.best.dot(bucket, nearest), VectorLevel.best.dot(nearest, nearest))
        }
    }

    package func allows(_ scales: BucketScales) -> Bool {
        scales.first >= 0 && (scales.first * centroids[centroids.count - 1]).isFinite
    }

    package func writeLevels(_ scales: BucketScales, to levels: UnsafeMutablePointer<Float>) {
        for (code, centroid) in centroids.enumerated() { levels[code] = scales.first * centroid }
    }

    package func onlyCode(_ scales: BucketScales) -> UInt8? { scales.first == 0 ? 0 : nil }
}
