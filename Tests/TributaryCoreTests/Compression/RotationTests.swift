import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

@Suite struct RotationTests {
    /// v = (1, 2, −3, 0.5) under the signs (+, −, +, +): H D v = (−1.75, −0.25, 0.75, 3.25), of which half is W D v / 4.
    @Test func aSmallRotationIsTheOneByHand() throws {
        let seed = try #require((0..<1_000).first { SeededWords(seed: $0)[0] & 15 == 0b0010 })
        let rotation = BucketRotation(seed: seed)
        var bucket: [Float] = [1, 2, -3, 0.5]
        let factor = bucket.withUnsafeMutableBufferPointer { rotation.rotate($0, at: 0, largest: 3) }
        #expect(bucket.map { Double($0) * factor } == [-0.875, -0.125, 0.375, 1.625])
        var signs: [Float] = [-1, -1, 1, 1]
        signs.withUnsafeMutableBufferPointer { rotation.rotateBack($0, at: 0, scale: 2.375 / 2) }
        #expect(signs == [0, 0, -4.75, 0])
    }

    @Test(arguments: TestSeeds.first(20))
    func rotationsAreUndoneAndKeepNorms(seed: Seed) {
        var stream = seed.stream()
        let count = 1 << stream.uniform(below: 13)
        // From the smallest normal numbers to the largest there are.
        let size = Float(sign: .plus, exponent: stream.uniform(below: 250) - 125, significand: 1)
        let bucket = (0..<count).map { _ in Float(stream.normal()) * size }
        let coordinate = 64 * stream.uniform(below: 100)
        let rotation = BucketRotation(seed: stream.next())
        var rotated = bucket
        let largest = bucket.map(\.magnitude).max() ?? 0
        let factor = rotated.withUnsafeMutableBufferPointer { rotation.rotate($0, at: coordinate, largest: largest) }
        #expect(rotated.allSatisfy { $0.magnitude <= Float(count) })
        func squares(_ values: [Float], times factor: Double) -> Double {
            values.reduce(0) { $0 + Double($1) * factor * Double($1) * factor }
        }
        let ratio = squares(rotated, times: factor) * Double(count) / squares(bucket, times: 1)
        #expect(abs(ratio - 1) < 1e-5)
        rotated.withUnsafeMutableBufferPointer {
            rotation.rotateBack($0, at: coordinate, scale: Float(factor))
        }
        #expect(zip(rotated, bucket).allSatisfy { abs($0 - $1) <= 1e-5 * largest })
    }

    @Test func signsFollowTheCoordinate() {
        let rotation = BucketRotation(seed: 9)
        var whole = [Float](repeating: 1, count: 256)
        whole.withUnsafeMutableBufferPointer { rotation.rotateBack($0, at: 128, scale: 1) }
        #expect(abs(whole[0]) == 256 && (whole[0] < 0) == (SeededWords(seed: 9)[2] & 1 == 1))
        #expect(whole.dropFirst().allSatisfy { $0 == 0 })
    }

    @Test func bucketsAreFilledUpToAPowerOfTwo() {
        let padded = [0, 1, 2, 3, 4, 5, 4_095, 4_096].map(BucketRotation.paddedCount)
        #expect(padded == [0, 1, 2, 4, 4, 8, 4_096, 4_096])
    }
}
