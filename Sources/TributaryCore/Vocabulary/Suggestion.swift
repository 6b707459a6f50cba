/// "Did you mean …": the nearest known word to one that is not.
public enum Suggestion {
    /// The candidate within a third of the word's length in edits (Levenshtein 1966); nil if none is that near.
    public static func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
        // Two edits are one swap of neighbours, the commonest slip.
        let limit = word.count <= 2 ? 1 : max(2, word.count / 3)
        let wanted = Array(word.lowercased())
        let scored = candidates.map { (candidate: $0, distance: distance(wanted, Array($0.lowercased()))) }
        return scored.filter { $0.distance <= limit }.min { $0.distance < $1.distance }?.candidate
    }

    /// The sentence to append to an error about an unknown word; empty without a near candidate.
    public static func sentence(for word: String, in candidates: some Sequence<String>) -> String {
        nearest(to: word, in: candidates).map { "; did you mean '\($0)'?" } ?? ""
    }

    /// The same sentence, or without a near candidate a list of the first dozen, introduced by `kind`.
    public static func sentence(for word: String, in candidates: [String], orList kind: String) -> String {
        if let near = nearest(to: word, in: candidates) { return "; did you mean '\(near)'?" }
        return "; \(kind): \(candidates.prefix(12).joined(separator: ", "))\(candidates.count > 12 ? ", …" : "")"
    }

    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let substitution = diagonal + (x == y ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substitution, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[b.count]
    }
}
