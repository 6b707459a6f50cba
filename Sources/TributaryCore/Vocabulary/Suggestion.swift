/// "Did you mean …": the nearest known word to one that is not.
public enum Suggestion {
    /// The candidate within a third of the word's length in edits (Levenshtein 1966); nil if none is that near.
    public static func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
        let limit = max(1, word.count / 3)
        let scored = candidates.map { (candidate: $0, distance: distance(Array(word), Array($0))) }
        return scored.filter { $0.distance <= limit }.min { $0.distance < $1.distance }?.candidate
    }

    /// The sentence to append to an error about an unknown word; empty without a near candidate.
    public static func sentence(for word: String, in candidates: some Sequence<String>) -> String {
        nearest(to: word, in: candidates).map { "; did you mean '\($0)'?" } ?? ""
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
