import AsyncHTTPClient
import Synchronization

/// The connections of a transport. Those over which a request ran out of time are not given to the next one.
///
/// AsyncHTTPClient bounds the time of a TCP connection and of its TLS handshake, but not the wait for the first frame of
/// HTTP/2 after that, and only then does `DeadConnections` get hold of the socket. A connection that is forgotten in that
/// instant would keep all later requests waiting, until TCP gives up after a quarter of an hour. So whoever ran out of
/// time leaves a new generation of connections to those who come later. Requests under way end where they are; the last
/// of them closes what it leaves.
final class RenewedConnections: Sendable {
    private struct Generation {
        let number: Int
        let http: HTTPClient
        var users = 0
    }

    private struct State {
        /// The last one is for new requests; the others have been given up, and have requests under way.
        var generations: [Generation]
        var isShutDown = false
    }

    private let configuration: HTTPClient.Configuration
    private let patience: Duration?
    private let state: Mutex<State>

    /// - Parameter patience: a request that failed after so long, for whatever reason, ran out of time; nil if
    ///   connections are never given up.
    init(_ configuration: HTTPClient.Configuration, patience: Duration?) {
        self.configuration = configuration
        self.patience = patience
        state = Mutex(State(generations: [Generation(number: 0, http: Self.client(configuration))]))
    }

    private static func client(_ configuration: HTTPClient.Configuration) -> HTTPClient {
        HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }

    /// Runs a request from its beginning to the last byte of its answer.
    func use<Value: Sendable>(_ request: (HTTPClient) async throws -> Value) async throws -> Value {
        let (number, http) = state.withLock { state in
            let last = state.generations.count - 1
            state.generations[last].users += 1
            return (state.generations[last].number, state.generations[last].http)
        }
        let begun = ContinuousClock.now
        do {
            let value = try await request(http)
            leave(number, isSuspect: false)
            return value
        } catch {
            leave(number, isSuspect: !Task.isCancelled && hasRunOutOfTime(error, since: begun))
            throw error
        }
    }

    private func hasRunOutOfTime(_ error: any Error, since begun: ContinuousClock.Instant) -> Bool {
        guard let patience else { return false }
        return begun.duration(to: .now) >= patience || (error as? ClientError)?.kind == .timedOut
    }

    private func leave(_ number: Int, isSuspect: Bool) {
        let abandoned: HTTPClient? = state.withLock { state in
            guard let index = state.generations.firstIndex(where: { $0.number == number }) else { return nil }
            state.generations[index].users -= 1
            if isSuspect && index == state.generations.count - 1 && !state.isShutDown {
                state.generations.append(Generation(number: number + 1, http: Self.client(configuration)))
            }
            let isGivenUp = index < state.generations.count - 1
            guard isGivenUp, state.generations[index].users == 0, !state.isShutDown else { return nil }
            return state.generations.remove(at: index).http
        }
        abandoned?.shutdown { _ in }
    }

    /// Closes all connections; what is under way fails. One that does not close is left to the process after `limit`.
    func shutdown(limit: Duration) async throws {
        let clients = state.withLock { state in
            state.isShutDown = true
            return state.generations.map(\.http)
        }
        let (endings, ending) = AsyncStream.makeStream(of: (any Error)?.self)
        for http in clients { http.shutdown { ending.yield($0) } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await error in endings.prefix(clients.count) { if let error { throw error } }
            }
            group.addTask { try? await Task.sleep(for: limit) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
