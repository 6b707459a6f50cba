import AsyncHTTPClient
import Foundation
import NIOCore
import NIOSSL
import TributaryCore

/// The way to a server through AsyncHTTPClient: HTTP/1.1, and HTTP/2 where TLS agrees on it.
///
/// One transport carries as many clients as you like over its pool of connections. Shut it down when they are done.
public final class AsyncHTTPTransport: ClientTransport {
    /// The server as messages name it.
    public let server: String
    let base: String
    let connections: RenewedConnections
    let timeouts: ClientSettings.Timeouts

    /// A transport to the server of the settings. `connectionLimit` bounds connections in HTTP/1.1; a client takes one
    /// or two. Throws a `ClientError` if the address or the TLS files cannot be used.
    public init(_ settings: ClientSettings, connectionLimit: Int = 8) throws {
        let address = try ServerAddress(settings.server, allowsPlainHTTP: settings.allowsPlainHTTP)
        server = address.text
        base = address.text
        timeouts = settings.timeouts
        var configuration = HTTPClient.Configuration()
        if address.isEncrypted { configuration.tlsConfiguration = try Self.tls(settings.tls) }
        configuration.redirectConfiguration = .disallow
        let idle = max(timeouts.stall, timeouts.pollWait + timeouts.call)
        configuration.timeout = .init(
            connect: TimeAmount(timeouts.connect), read: TimeAmount(idle), write: TimeAmount(timeouts.stall))
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(2, connectionLimit)
        // The session decides when to try again.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.decompression = .disabled
        DeadConnections(limit: timeouts.call).watch(&configuration)
        // Without TLS there is no HTTP/2.
        connections = RenewedConnections(configuration, patience: address.isEncrypted ? timeouts.connect : nil)
    }

    /// Closes all connections. What is under way fails.
    public func shutdown() async throws {
        try await connections.shutdown(limit: timeouts.connect)
    }

    private static func tls(_ settings: ClientTLS) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let path = settings.authorityFile {
            configuration.trustRoots = .certificates(try certificates(path, "authority"))
        }
        switch (settings.certificateFile, settings.keyFile) {
        case (let certificate?, let key?):
            configuration.certificateChain = try certificates(certificate, "certificate").map { .certificate($0) }
            do {
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            } catch {
                throw ClientError(.settings, "\(key): no private key in PEM form can be read from it")
            }
        case (nil, nil): break
        default:
            throw ClientError(.settings, "a client certificate needs both its file and its key's file; give both")
        }
        return configuration
    }

    private static func certificates(_ path: String, _ purpose: String) throws -> [NIOSSLCertificate] {
        do {
            let found = try NIOSSLCertificate.fromPEMFile(path)
            if !found.isEmpty { return found }
        } catch {}
        throw ClientError(.settings, "\(path): no \(purpose) in PEM form can be read from it")
    }
}

/// A server's address, checked.
struct ServerAddress {
    let text: String
    let isEncrypted: Bool

    init(_ text: String, allowsPlainHTTP: Bool) throws(ClientError) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            let host = parts.host, !host.isEmpty, parts.user == nil, parts.query == nil, parts.fragment == nil,
            ["http", "https"].contains(scheme)
        else {
            throw ClientError(
                .settings, "server '\(text)': is not an address; write it as https://HOST:PORT or http://localhost:PORT"
            )
        }
        isEncrypted = scheme == "https"
        // A name may begin with 127, too: only an address of four numbers is one of this machine.
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        let isLoopback = numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
        let isHere = ["localhost", "::1", "[::1]"].contains(host.lowercased()) || isLoopback
        guard isEncrypted || isHere || allowsPlainHTTP else {
            throw ClientError(
                .settings,
                "server '\(text)': data would cross the network unencrypted; use https:// or allow plain HTTP explicitly"
            )
        }
        self.text = String(text[...(text.lastIndex { $0 != "/" } ?? text.startIndex)])
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        // A century will do.
        self = .nanoseconds(min(max(seconds, 0), 3_200_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
