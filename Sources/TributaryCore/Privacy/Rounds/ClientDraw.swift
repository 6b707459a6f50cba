/// Who is drawn for a round where every client is drawn by itself, with one probability q = m/N, whoever else there is.
///
/// The draw follows from the run's secret, the round's number and the client's identity alone. So nobody who does not have the
/// secret can come or stay away by it, it does not depend on who is there or on who else was drawn, and a round that is played
/// again after a crash has the same draw. It tells nothing of the noise, which is made from other keys of the same secret.
package struct ClientDraw: Hashable, Sendable {
    private let key: NoiseKey
    /// A client is drawn if its 64 bits, as a number, are below this; nil where everybody is.
    private let limit: UInt64?

    /// The draw of a round in which of a population of N clients m are expected.
    ///
    /// - Parameters:
    ///   - key: the run's secret.
    ///   - expected: m, from 1.
    ///   - population: N, at least m. More clients may be registered: each is drawn with the same probability all the same.
    package init(of round: RoundNumber, key: NoiseKey, expected: Int, population: Int) {
        precondition(expected >= 1 && expected <= population, "a share of a population")
        self.key = key.derived("draw", UInt64(round.rawValue))
        // ⌊m · 2^64 / N⌋: the probability is m/N rounded down to a multiple of 2^−64, and never above it.
        limit =
            expected == population
            ? nil : UInt64(population).dividingFullWidth((high: UInt64(expected), low: 0)).quotient
    }

    /// Whether a client is drawn.
    package func isDrawn(_ client: ClientID) -> Bool { limit.map { key.word(at: client.rawValue) < $0 } ?? true }
}
