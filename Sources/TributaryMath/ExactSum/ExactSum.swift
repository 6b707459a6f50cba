internal import CTributaryKernels

/// A weighted sum of vectors that does not depend on the order of its terms.
///
/// Coordinates are rounded to a fixed-point grid and added as integers held in Float64 (`FixedPointGrid`). Partial
/// sums of the same grid merge exactly. Memory is one Float64 per coordinate for any number of terms.
///
/// A term with a coordinate that is not finite or beyond the grid's bound is left out as a whole.
public struct ExactSum: Sendable {
    /// Why a term was not added. The sum is as it was before.
    public enum Refusal: Hashable, Sendable {
        /// A coordinate is NaN or infinite.
        case notFinite
        /// A coordinate exceeds the grid's bound.
        case outOfBound
        /// The weight is not positive, or the weights would exceed the grid's limit.
        case badWeight
    }

    /// The grid that all terms share.
    public let grid: FixedPointGrid
    /// The sum of the weights so far.
    public private(set) var totalWeight = 0
    /// The number of terms so far.
    public private(set) var termCount = 0
    private var sums: [Double]

    /// The empty sum of vectors of length `count`.
    public init(count: Int, grid: FixedPointGrid) {
        self.grid = grid
        sums = [Double](repeating: 0, count: count)
    }

    /// The number of coordinates.
    public var count: Int { sums.count }

    /// Adds `weight` · `vector`; nil if it was added, otherwise why not. `vector` must have the sum's length.
    public mutating func add(_ vector: [Float], weight: Int) -> Refusal? {
        precondition(vector.count == count, "a vector of another length than the sum")
        guard weight >= 1, weight <= grid.weightLimit - totalWeight else { return .badWeight }
        // Small models are added by the thousand: this way needs no memory.
        let isLeftOut = vector.withUnsafeBufferPointer { foldOne($0.baseAddress, Double(weight)) }
        if isLeftOut { return vector.allSatisfy(\.isFinite) ? .outOfBound : .notFinite }
        totalWeight += weight
        termCount += 1
        return nil
    }

    private mutating func foldOne(_ vector: UnsafePointer<Float>?, _ factor: Double) -> Bool {
        guard let vector else { return false }
        let grid = grid
        return withUnsafePointer(to: Optional(vector)) { vector in
            withUnsafePointer(to: factor) { factor in
                sums.withUnsafeMutableBufferPointer { sums in
                    tributary_fold(sums.baseAddress, vector, factor, 1, sums.count, grid.scale, grid.bound) != 0
                }
            }
        }
    }

    /// Adds several vectors in fewer passes over memory; for each, nil if it was added, otherwise why not.
    ///
    /// Every vector must have the sum's length, and there must be as many weights as vectors.
    public mutating func add(_ vectors: [UnsafeBufferPointer<Float>], weights: [Int]) -> [Refusal?] {
        precondition(vectors.count == weights.count, "a weight for each vector")
        var refusals: [Refusal?] = []
        refusals.reserveCapacity(vectors.count)
        var next = 0
        while next < vectors.count {
            let end = min(next + Int(TRIBUTARY_FOLD_WIDTH), vectors.count)
            refusals += addFew(vectors[next..<end], weights: weights[next..<end])
            next = end
        }
        return refusals
    }

    private mutating func addFew(
        _ vectors: ArraySlice<UnsafeBufferPointer<Float>>, weights: ArraySlice<Int>
    ) -> [Refusal?] {
        var refusals: [Refusal?] = []
        var pointers: [UnsafePointer<Float>?] = []
        var factors: [Double] = []
        var reserved = totalWeight
        for (vector, weight) in zip(vectors, weights) {
            precondition(vector.count == count, "a vector of another length than the sum")
            let fits = weight >= 1 && weight <= grid.weightLimit - reserved
            refusals.append(fits ? nil : .badWeight)
            guard fits, let base = vector.baseAddress else { continue }
            reserved += weight
            pointers.append(base)
            factors.append(Double(weight))
        }
        let leftOut = fold(pointers, factors)
        var kernelIndex = 0
        for (place, (vector, weight)) in zip(vectors, weights).enumerated() where refusals[place] == nil {
            if vector.baseAddress != nil {
                if leftOut & (1 << kernelIndex) != 0 {
                    refusals[place] = vector.allSatisfy(\.isFinite) ? .outOfBound : .notFinite
                }
                kernelIndex += 1
            }
            guard refusals[place] == nil else { continue }
            totalWeight += weight
            termCount += 1
        }
        return refusals
    }

    private mutating func fold(_ pointers: [UnsafePointer<Float>?], _ factors: [Double]) -> UInt32 {
        guard !pointers.isEmpty else { return 0 }
        let grid = grid
        return sums.withUnsafeMutableBufferPointer { sums in
            tributary_fold(
                sums.baseAddress, pointers, factors, UInt32(pointers.count), sums.count, grid.scale, grid.bound)
        }
    }

    /// Adds the terms of another sum of the same grid and length; false, with nothing changed, if the weights of both
    /// together exceed the grid's limit.
    public mutating func merge(_ other: ExactSum) -> Bool {
        precondition(other.grid == grid && other.count == count, "sums merge only on one grid")
        guard other.totalWeight <= grid.weightLimit - totalWeight else { return false }
        for index in sums.indices { sums[index] += other.sums[index] }
        totalWeight += other.totalWeight
        termCount += other.termCount
        return true
    }

    /// Forgets all terms but keeps the memory.
    public mutating func reset() {
        for index in sums.indices { sums[index] = 0 }
        totalWeight = 0
        termCount = 0
    }

    /// Forgets all terms and goes on with another grid, keeping the memory.
    public mutating func reset(grid: FixedPointGrid) {
        let memory = sums
        sums = []
        self = ExactSum(reusing: memory, grid: grid)
        reset()
    }

    private init(reusing sums: [Double], grid: FixedPointGrid) {
        self.grid = grid
        self.sums = sums
    }

    /// The weighted mean, Σ w x / Σ w, of each coordinate, correctly rounded once; nil without terms.
    public func mean() -> [Double]? {
        guard totalWeight > 0 else { return nil }
        return [Double](unsafeUninitializedCapacity: count) { buffer, initialised in
            write(meanTo: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            initialised = count
        }
    }

    /// Writes the same mean to memory of the sum's length. There must be a term.
    package func write(meanTo mean: UnsafeMutableBufferPointer<Double>) {
        precondition(mean.count == count && totalWeight > 0, "a mean of nothing, or of another length")
        // Both factors are exact: a whole number below 2^53 times a power of two.
        let divisor = Double(totalWeight) * grid.scale
        for index in sums.indices { mean[index] = sums[index] / divisor }
    }

    /// The coordinates as the integers they are held as.
    public var integers: [Double] { sums }
}
