/// What the noise of a round is made from.
package struct RoundKeys: Hashable, Sendable {
    /// The secret of the whole run.
    package var run: NoiseKey
    /// The secret of this round's sum, if it is another one.
    package var round: NoiseKey?

    /// One secret for all rounds: the same round has the same noise, whatever is in it. That is enough where a round that is
    /// played again has the same contributions, as in a simulation.
    package init(run: NoiseKey) {
        self.run = run
    }

    /// A secret of its own for the sum of these contributions: the same noise for the same, and other noise for others.
    ///
    /// A coordinator that dies may find other updates in its round when it plays it again, and one that was put back from an
    /// old copy does. Two sums with the same noise must never be known: what they differ by would be known without any.
    package init(run: NoiseKey, contributions: [ContributionRow]) {
        self.run = run
        round = contributions.reduce(run) { key, row in
            let bytes = row.update.blob.digest.bytes
            let words = (0..<4).map { word in bytes[8 * word..<8 * word + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            }
            return key.derived("u", row.client.rawValue, words[0], words[1], words[2], words[3])
        }
    }

    /// What this round's noise is made from.
    var current: NoiseKey { round ?? run }
}
