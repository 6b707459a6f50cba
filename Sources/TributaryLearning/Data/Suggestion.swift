/// “Did you mean …?” for a name that is not known.
package enum Suggestion {
    /// `; did you mean “x”?` if a candidate is close, else a list of the first ones.
    package static func text(for name: String, among candidates: [String], orList kind: String) -> String {
        let wanted = Array(name.lowercased())
        let ranked = candidates.map { ($0, distance(wanted, Array($0.lowercased()))) }
        if let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= max(1, wanted.count / 3) {
            return "; did you mean “\(best.0)”?"
        }
        let listed = candidates.prefix(12).joined(separator: ", ")
        return "; \(kind): \(listed)\(candidates.count > 12 ? ", …" : "")"
    }

    /// Levenshtein's distance: the fewest insertions, deletions and replacements.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var previous = Array(0...right.count)
        for (row, character) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                let replaced = previous[column] + (character == other ? 0 : 1)
                current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[right.count]
    }
}
