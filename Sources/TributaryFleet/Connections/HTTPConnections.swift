import Synchronization
import TributaryClient
import TributaryCore

/// HTTP connections in a number of transports, each of which carries its share of the clients.
///
/// Over TLS a transport is one HTTP/2 connection with a stream for every call under way. A server that allows 256
/// streams can have 128 clients on it, each with a transfer and a heartbeat at once. Plain HTTP is HTTP/1.1, where a
/// call under way has a connection to itself.
final class HTTPConnections: FleetConnections {
    /// Clients that share an HTTP/2 connection, unless it is said otherwise.
    private static let clientsPerTransport = 128
    /// Connections that are opened in HTTP/1.1 at most: fewer than a server takes from one address, and than a process
    /// may usually have open.
    private static let plainConnectionLimit = 800

    let server: String
    private let settings: ClientSettings
    private let connectionLimit: Int
    private let transports: Mutex<[AsyncHTTPTransport]>

    init(_ settings: FleetSettings, clientCount: Int) throws {
        let isPlain = Self.isPlain(settings.client)
        let fair = isPlain ? 1 : (clientCount + Self.clientsPerTransport - 1) / Self.clientsPerTransport
        let count = min(max(1, settings.connections ?? fair), max(1, clientCount))
        self.settings = settings.client
        // A call and a heartbeat for everybody.
        connectionLimit = (min(2 * clientCount, Self.plainConnectionLimit) + count - 1) / count
        let made = try Self.make(count, settings.client, connectionLimit)
        server = made[0].server
        transports = Mutex(made)
    }

    /// Settings for so many clients: over plain HTTP, where every waiting call takes a connection, many clients do not
    /// wait for tasks but ask again in the server's retry window.
    static func adapted(_ settings: FleetSettings, clientCount: Int) -> FleetSettings {
        guard isPlain(settings.client), 2 * clientCount > plainConnectionLimit else { return settings }
        var settings = settings
        settings.client.timeouts.pollWait = .zero
        return settings
    }

    private static func isPlain(_ settings: ClientSettings) -> Bool {
        settings.server.lowercased().hasPrefix("http://")
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
