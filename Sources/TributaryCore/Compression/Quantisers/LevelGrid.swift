package import TributaryMath

/// Equally spaced levels from one number to another, to which numbers between them are rounded at random.
///
/// With levels a distance s apart, a number that is r steps above the lowest gets code ⌊r⌋ or, with probability r − ⌊r⌋, the
/// next: its expected level is the number itself, and its variance s² (r − ⌊r⌋)(1 − r + ⌊r⌋) ≤ s²/4.
package struct LevelGrid: Hashable, Sendable {
    /// The lowest level.
    package var low: Float
    /// The highest.
    package var high: Float
    /// How many there are, 2 ... 256.
    package var count: Int

    package init(from low: Float, to high: Float, count: Int) {
        precondition((2...256).contains(count) && low <= high, "levels between two numbers")
        self.low = low
        self.high = high
        self.count = count
    }

    /// Level `code`: (low · (count − 1 − code) + high · code) / (count − 1) in double precision, rounded to single.
    ///
    /// Both products are exact, so the extremes are levels to the bit, and the middle between −x and x is zero.
    package func level(_ code: Int) -> Float {
        let steps = Double(count - 1)
        return Float((Double(low) * (steps - Double(code)) + Double(high) * Double(code)) / steps)
    }

    /// Writes all levels.
    package func write(to levels: UnsafeMutablePointer<Float>) {
        for code in 0..<count { levels[code] = level(code) }
    }

    /// Rounds numbers between the lowest and the highest level. On levels that are all one, every code is 0.
    package func round(
        _ values: UnsafeBufferPointer<Float>, random: inout RandomLanes, codes: UnsafeMutablePointer<UInt8>
    ) {
        guard low < high else { return codes.update(repeating: 0, count: values.count) }
        let inverseStep = Double(count - 1) / (Double(high) - Double(low))
        // As many words at a time as fit the stack.
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 256) { words in
            words.initialize(repeating: 0)
            var start = 0
            while start < values.count {
                let part = UnsafeBufferPointer(rebasing: values[start..<min(start + words.count, values.count)])
                random.fill(words)
                VectorLevel.best.roundToLevels(
                    part, origin: Double(low), inverseStep: inverseStep, top: count - 1,
                    random: UnsafePointer(words.baseAddress.unsafelyUnwrapped), codes: codes + start)
                start += part.count
            }
        }
    }
}
