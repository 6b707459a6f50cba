import Synchronization
import TributaryClient
import TributaryCore

/// HTTP connections in a number of transports, each of which carries its share of the clients.
///
/// Over TLS a transport is one HTTP/2 connection with a stream for every call under way. A server that allows 256
/// streams can have 128 clients on it, each with a transfer and a heartbeat at once. Plain HTTP is HTTP/1.1, where a
/// call under way has a connection to itself.
final class HTTPConnections: FleetConnections {
    /// Clients that share a transport, unless it is said otherwise.
    static let clientsPerTransport = 128

    let server: String
    private let settings: ClientSettings
    private let connectionLimit: Int
    private let transports: Mutex<[AsyncHTTPTransport]>

    init(_ settings: FleetSettings, clientCount: Int) throws {
        let fair = (clientCount + Self.clientsPerTransport - 1) / Self.clientsPerTransport
        let count = min(max(1, settings.connections ?? fair), max(1, clientCount))
        self.settings = settings.client
        // In HTTP/1.1: a call and a heartbeat for everybody.
        connectionLimit = 2 * ((clientCount + count - 1) / count)
        let made = try Self.make(count, settings.client, connectionLimit)
        server = made[0].server
        transports = Mutex(made)
    }

    func transport(for client: Int) -> any ClientTransport {
        transports.withLock { $0[client % $0.count] }
    }

    func reconnect() async throws {
        let fresh = try Self.make(transports.withLock { $0.count }, settings, connectionLimit)
        let old = transports.withLock { transports in
            defer { transports = fresh }
            return transports
        }
        await Self.close(old)
    }

    func shutdown() async {
        await Self.close(transports.withLock { $0 })
    }

    private static func make(_ count: Int, _ settings: ClientSettings, _ limit: Int) throws -> [AsyncHTTPTransport] {
        try (0..<count).map { _ in try AsyncHTTPTransport(settings, connectionLimit: limit) }
    }

    private static func close(_ transports: [AsyncHTTPTransport]) async {
        await withDiscardingTaskGroup { group in
            for transport in transports { group.addTask { try? await transport.shutdown() } }
        }
    }
}
