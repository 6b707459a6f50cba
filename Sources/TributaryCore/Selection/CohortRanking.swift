import TributaryMath

/// Draws cohorts from clients that are known by identity rather than by place.
///
/// Every client has a rank that follows from the run's seed, the round and the client alone, so a draw does not depend
/// on the order in which clients registered or came back, nor on those that are not there.
struct CohortRanking: Hashable, Sendable {
    /// How clients are drawn.
    let selection: CohortSelection
    /// The seed of this round's draw.
    let seed: Seed

    /// The cohort out of `clients`, in ascending order: `count` of them (the expected number for Poisson sampling, all
    /// for `all`). Every eligible client is equally likely.
    func cohort(of count: Int, from clients: [ClientID]) -> [ClientID] {
        switch selection {
        case .selector:
            preconditionFailure("a plan with a selector is refused before it gets here")
        case .all:
            return clients.sorted()
        case .poisson:
            let rate = min(1, Double(count) / Double(max(clients.count, 1)))
            return clients.filter { client in
                var stream = seed.derived("rank", client.rawValue).stream()
                return stream.uniform() < rate
            }.sorted()
        case .uniform:
            guard count < clients.count else { return clients.sorted() }
            let ranked = clients.map { (rank: seed.derived("rank", $0.rawValue).rawValue, client: $0) }
            let chosen = ranked.sorted { ($0.rank, $0.client) < ($1.rank, $1.client) }.prefix(max(count, 0))
            return chosen.map(\.client).sorted()
        }
    }
}
