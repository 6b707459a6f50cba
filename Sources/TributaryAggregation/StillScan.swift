/// Looks, piece by piece, whether a vector is zero where it must be.
struct StillScan {
    /// Where it must be, in ascending order.
    private let ranges: [Range<Int>]
    /// The first range that is not past.
    private var next = 0
    /// How much of the vector was seen.
    private var position = 0
    /// Whether something is not zero that must be. What is no number is not.
    private(set) var hasMoved = false

    init(_ ranges: [Range<Int>]) { self.ranges = ranges }

    /// The vector goes on with these values.
    mutating func see(_ values: UnsafeBufferPointer<Float>) {
        let end = position + values.count
        while next < ranges.count, ranges[next].lowerBound < end {
            let range = ranges[next].clamped(to: position..<end)
            for index in range where values[index - position] != 0 { hasMoved = true }
            guard ranges[next].upperBound <= end else { break }
            next += 1
        }
        position = end
    }
}
