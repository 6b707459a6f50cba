package import TributaryClient

/// The connections that a fleet's clients share.
package protocol FleetConnections: Sendable {
    /// The server as messages name it.
    var server: String { get }

    /// The way to the server for a client, as of now.
    func transport(for client: Int) -> any ClientTransport

    /// Drops all connections at once: calls under way fail, the next ones connect anew.
    func reconnect() async throws

    /// Closes all connections.
    func shutdown() async
}
