import ArgumentParser
import Foundation
import SwiftASN1
import X509

/// `tributary certs`
struct CertsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certs", abstract: "Make certificates for trials.", subcommands: [CertsDev.self])
}

/// `tributary certs dev`
struct CertsDev: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Make a development certificate authority, a server's certificate, and clients'.",
        discussion: """
            Examples:
              tributary certs dev --host coordinator.example --host 10.0.0.5 --out certs
              tributary serve --listen 0.0.0.0:8470 --tls-certificate certs/server.pem --tls-key certs/server.key
              tributary join --ca certs/ca.pem --server https://coordinator.example:8470 …

            The certificate holds for localhost, 127.0.0.1 and ::1, too, and for 90 days. An authority that is in the \
            folder already is used again, so that with --overwrite certificates are renewed and clients need not be \
            told. Keys are readable by you alone; ca.key can vouch for anybody, so do not copy it to the server. \
            For real use take the certificates of a real authority.
            """)

    @Option(
        name: .customLong("host"),
        help: ArgumentHelp("A name or address that clients reach the server by; may be repeated.", valueName: "name"))
    var hosts: [String] = []
    @Option(
        name: .customLong("client"),
        help: ArgumentHelp("A client to make a certificate for (mutual TLS); may be repeated.", valueName: "name"))
    var clients: [String] = []
    @Option(help: ArgumentHelp("The folder to write into.", valueName: "folder"))
    var out: String = "certs"
    @Flag(help: "Replace certificates that are there already; the authority stays.")
    var overwrite = false

    mutating func run() async throws {
        let command = self
        try await reportingFailures { try command.make() }
    }

    private func make() throws {
        let folder = CertificateFolder(out)
        let names = ["localhost", "127.0.0.1", "::1"]
        var hostNames: [HostName] = []
        for name in hosts + names {
            let host = try HostName(parsing: name)
            if !hostNames.contains(host) { hostNames.append(host) }
        }
        var leaves = [
            ("server", LeafRequest(commonName: hosts.first ?? "localhost", names: hostNames, isServer: true))
        ]
        for client in clients {
            leaves.append(
                ("client-\(client)", LeafRequest(commonName: client, names: [try Self.name(client)], isServer: false)))
        }
        guard Set(leaves.map(\.0)).count == leaves.count else {
            throw CommandFailure(.usage, "--client names somebody twice; leave one out")
        }
        // A certificate for one more client needs no new one for the server.
        if hosts.isEmpty, !clients.isEmpty, folder.has("server"), !overwrite { leaves.removeFirst() }
        if !overwrite { try folder.refuseToReplace(leaves.map(\.0)) }
        try folder.create()
        let now = Date()
        let authority = try folder.authority(now: now)
        for (stem, request) in leaves {
            try folder.store(try authority.issue(request, now: now), as: stem, with: authority)
        }
    }

    private static func name(_ client: String) throws -> HostName {
        guard case .dns(let name)? = try? HostName(parsing: client), name == client, !client.contains("*") else {
            throw CommandFailure(
                .usage, "--client is '\(client)'; it must be made of lower-case letters, digits, hyphens and points")
        }
        return .dns(name)
    }
}

/// A folder of certificates and keys.
private struct CertificateFolder {
    private let path: String

    init(_ path: String) {
        self.path = path.isEmpty ? "." : path
    }

    func create() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        } catch {
            throw CommandFailure(.inputOutput, "\(path): cannot be created; check the path and its permissions")
        }
    }

    func has(_ stem: String) -> Bool {
        ["pem", "key"].contains { FileManager.default.fileExists(atPath: "\(path)/\(stem).\($0)") }
    }

    func refuseToReplace(_ stems: [String]) throws {
        guard let stem = stems.first(where: has) else { return }
        throw CommandFailure(
            .usage, "\(path)/\(stem).pem is there already; renew it with --overwrite, or choose another --out")
    }

    /// The authority in the folder, or a new one that is stored there.
    func authority(now: Date) throws -> DevelopmentAuthority {
        if has("ca") {
            let texts = ["pem", "key"].map { try? String(contentsOfFile: "\(path)/ca.\($0)", encoding: .utf8) }
            guard let certificate = texts[0], let key = texts[1],
                let authority = try? DevelopmentAuthority(certificate: certificate, key: key),
                authority.isUsable(at: now)
            else {
                throw CommandFailure(
                    .badData,
                    "\(path)/ca.pem and ca.key are not an authority that can still be used; remove both to make a new one"
                )
            }
            Console.line("using the authority \(path)/ca.pem, good until \(Self.day(authority.certificate))")
            return authority
        }
        let authority = try DevelopmentAuthority(now: now)
        try write(authority.keyPEM, to: "ca.key", mode: 0o600)
        try write(authority.certificate.serializeAsPEM().pemString, to: "ca.pem", mode: 0o644)
        Console.line("made an authority: \(path)/ca.pem, good until \(Self.day(authority.certificate))")
        return authority
    }

    func store(
        _ leaf: (certificate: Certificate, keyPEM: String), as stem: String, with authority: DevelopmentAuthority
    ) throws {
        let chain = try [leaf.certificate, authority.certificate].map { try $0.serializeAsPEM().pemString }
        try write(leaf.keyPEM, to: "\(stem).key", mode: 0o600)
        try write(chain.joined(separator: "\n"), to: "\(stem).pem", mode: 0o644)
        Console.line("made \(path)/\(stem).pem and .key, good until \(Self.day(leaf.certificate))")
    }

    private static func day(_ certificate: Certificate) -> String {
        certificate.notValidAfter.formatted(.iso8601.year().month().day())
    }

    /// Writes beside and renames, so that a server which reloads sees the old file or the new one.
    private func write(_ text: String, to name: String, mode: mode_t) throws {
        let (draft, bytes) = ("\(path)/.\(name).new", Array((text + "\n").utf8))
        _ = unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        let isWritten = descriptor >= 0 && Foundation.write(descriptor, bytes, bytes.count) == bytes.count
        if descriptor >= 0 { close(descriptor) }
        guard isWritten, rename(draft, "\(path)/\(name)") == 0 else {
            throw CommandFailure(.inputOutput, "\(path)/\(name): cannot be written; check the folder's permissions")
        }
    }
}
