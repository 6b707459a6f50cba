/// Searches where a condition that holds above some point begins to hold.
enum Bisection {
    /// A point at which `condition` holds, at most `tolerance` (relative) above one at which it does not. It must hold
    /// at `upper`.
    static func least<Failure: Error>(
        from lower: Double, to upper: Double, tolerance: Double, where condition: (Double) throws(Failure) -> Bool
    ) throws(Failure) -> Double {
        var (fails, holds) = (lower, upper)
        while holds - fails > tolerance * holds {
            let middle = fails + (holds - fails) / 2
            guard middle > fails, middle < holds else { break }
            if try condition(middle) { holds = middle } else { fails = middle }
        }
        return holds
    }

    /// The largest whole number in `range` for which `condition` holds, where it holds for all below. It must hold at
    /// the first.
    static func greatest(in range: ClosedRange<Int>, where condition: (Int) -> Bool) -> Int {
        var (holds, fails) = (range.lowerBound, range.upperBound)
        if condition(fails) { return fails }
        while fails - holds > 1 {
            let middle = holds + (fails - holds) / 2
            if condition(middle) { holds = middle } else { fails = middle }
        }
        return holds
    }
}
