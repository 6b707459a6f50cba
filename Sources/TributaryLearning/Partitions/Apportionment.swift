/// Divides whole things by weights.
enum Apportionment {
    /// `total` divided in proportion to `weights`, by largest remainder; earlier ones first among equals.
    ///
    /// The shares add up to `total`, and each differs from its exact quota by less than 1. Weights are not negative
    /// and not all zero.
    static func shares(_ total: Int, weights: [Double]) -> [Int] {
        let sum = weights.reduce(0, +)
        precondition(sum > 0 && sum.isFinite, "there is nothing to divide by")
        let quotas = weights.map { Double(total) * ($0 / sum) }
        var shares = quotas.map { Int($0.rounded(.down)) }
        let left = total - shares.reduce(0, +)
        let order = shares.indices.sorted { first, second in
            let (a, b) = (quotas[first] - Double(shares[first]), quotas[second] - Double(shares[second]))
            return a == b ? first < second : a > b
        }
        // Rounding in the quotas can leave one more or less than the remainders account for.
        if left >= 0 {
            for step in 0..<left { shares[order[step % order.count]] += 1 }
        } else {
            for index in order.reversed() where shares[index] > 0 {
                shares[index] -= 1
                if shares.reduce(0, +) == total { break }
            }
        }
        return shares
    }

    /// `total` divided into `parts` that differ by at most 1: the bounds between them, `parts` + 1 in number.
    static func evenBounds(_ total: Int, parts: Int) -> [Int] {
        (0...parts).map { part in
            let (quotient, remainder) = total.quotientAndRemainder(dividingBy: parts)
            return part * quotient + min(part, remainder)
        }
    }
}

extension Apportionment {
    /// The sizes of `parts` parts of `total` that differ by at most 1.
    static func evenSizes(_ total: Int, parts: Int) -> [Int] {
        let bounds = evenBounds(total, parts: parts)
        return (0..<parts).map { bounds[$0 + 1] - bounds[$0] }
    }
}
