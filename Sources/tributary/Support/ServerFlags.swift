import ArgumentParser
import Foundation
import TributaryClient
import TributaryCore
import TributaryServer

/// Which server is meant, and how it and the caller are known to each other.
struct ServerFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The server's address (else TRIBUTARY_SERVER, else http://127.0.0.1:8470).", valueName: "url"))
    var server: String?
    @Option(
        help: ArgumentHelp(
            "The authority that vouches for the server (PEM; else TRIBUTARY_CA, else the system's).", valueName: "file")
    )
    var ca: String?
    @Option(help: ArgumentHelp("This side's certificate, for a server that asks for one (PEM).", valueName: "file"))
    var clientCertificate: String?
    @Option(help: ArgumentHelp("The certificate's key (PEM).", valueName: "file"))
    var clientKey: String?
    @Flag(help: "Let everything, tokens too, cross the network unencrypted.")
    var allowPlaintext = false

    /// What a client needs to know to reach the server.
    var settings: ClientSettings {
        let environment = ProcessInfo.processInfo.environment
        var settings = ClientSettings(
            server: server ?? Self.set(environment["TRIBUTARY_SERVER"]) ?? "http://127.0.0.1:8470")
        settings.tls = ClientTLS(
            authorityFile: ca ?? Self.set(environment["TRIBUTARY_CA"]), certificateFile: clientCertificate,
            keyFile: clientKey)
        settings.allowsPlainHTTP = allowPlaintext
        return settings
    }

    /// A token: from the file that was named, else from the environment, else the one that a server on this machine made
    /// in its state folder, if that is where it usually is. Nil if there is none.
    func token(file: String?, variable: String, name: String) throws -> String? {
        if let file { return try ServerSecrets.read(file).value }
        let environment = ProcessInfo.processInfo.environment
        if let value = Self.set(environment[variable]) { return value }
        let state = Self.set(environment["TRIBUTARY_STATE"]) ?? ServerSettings().state
        let path = ServerSecrets.path(of: name, inState: state)
        guard FileManager.default.isReadableFile(atPath: path), isOnThisMachine else { return nil }
        return try ServerSecrets.read(path).value
    }

    /// A token that lies about on this machine is nobody else's business.
    private var isOnThisMachine: Bool {
        let host = URLComponents(string: settings.server)?.host ?? ""
        return ListenAddress(host: host.trimmingCharacters(in: ["[", "]"]), port: 0).isLoopback
    }

    private static func set(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }
}

/// Texts such as `site=hospital`.
enum LabelFlags {
    /// Reads labels; errors name the flag.
    static func parse(_ texts: [String], flag: String) throws -> [String: String] {
        var labels: [String: String] = [:]
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw CommandFailure(.usage, "--\(flag) is '\(text)'; it must look like site=hospital")
            }
            guard labels.updateValue(parts[1], forKey: parts[0]) == nil else {
                throw CommandFailure(.usage, "--\(flag) says \(parts[0]) twice; leave one out")
            }
        }
        return labels
    }
}
