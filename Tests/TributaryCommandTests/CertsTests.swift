import Foundation
import Testing

/// What `openssl` thinks of the certificates; it shares no code with what made them.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "openssl is not installed"))
struct CertsTests {
    private func verify(_ workspace: Workspace, _ words: String) throws -> Bool {
        try workspace.shell("openssl verify -x509_strict -CAfile certs/ca.pem \(words)").status == 0
    }

    @Test func aServersCertificateHoldsForItsNamesAndNoOthers() throws {
        let workspace = try Workspace()
        try workspace.succeed("certs dev --host coordinator.example --host 10.0.0.5")
        for name in ["hostname coordinator.example", "hostname localhost", "ip 10.0.0.5", "ip 127.0.0.1", "ip ::1"] {
            #expect(try verify(workspace, "-purpose sslserver -verify_\(name) certs/server.pem"), "\(name)")
        }
        for name in ["hostname other.example", "ip 10.0.0.6"] {
            #expect(try !verify(workspace, "-purpose sslserver -verify_\(name) certs/server.pem"), "\(name)")
        }
        #expect(try !verify(workspace, "-purpose sslclient certs/server.pem"))
    }

    @Test func aClientsCertificateIsForClientsOnly() throws {
        let workspace = try Workspace()
        try workspace.succeed("certs dev --client ward-7")
        #expect(try verify(workspace, "-purpose sslclient certs/client-ward-7.pem"))
        #expect(try !verify(workspace, "-purpose sslserver certs/client-ward-7.pem"))
    }

    @Test func aCertificateCannotVouchForOthers() throws {
        let workspace = try Workspace()
        try workspace.succeed("certs dev --client a")
        let made = try workspace.shell(
            """
            openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout x.key -subj /CN=x -out x.csr &&
            openssl x509 -req -in x.csr -CA certs/client-a.pem -CAkey certs/client-a.key -out x.pem
            """)
        #expect(made.status == 0, "\(made.errors)")
        #expect(try !verify(workspace, "-untrusted certs/client-a.pem x.pem"))
    }

    @Test func keysAreForTheirOwnerAlone() throws {
        let workspace = try Workspace()
        try workspace.succeed("certs dev --client a")
        for name in ["ca", "server", "client-a"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: workspace.file("certs/\(name).key"))
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test func nothingIsReplacedUnasked() throws {
        let workspace = try Workspace()
        try workspace.succeed("certs dev")
        let before = workspace.snapshot()
        let outcome = try workspace.tributary("certs dev")
        #expect(outcome.status == 64 && outcome.errors.contains("--overwrite"))
        #expect(workspace.snapshot() == before)
    }

    @Test func renewalKeepsTheAuthority() throws {
        let workspace = try Workspace()
        try workspace.succeed("certs dev --host a.example")
        let (authority, server) = (try workspace.bytes("certs/ca.pem"), try workspace.bytes("certs/server.pem"))
        try workspace.succeed("certs dev --host b.example --overwrite")
        #expect(try workspace.bytes("certs/ca.pem") == authority)
        #expect(try workspace.bytes("certs/server.pem") != server)
        #expect(try verify(workspace, "-verify_hostname b.example certs/server.pem"))
    }

    @Test func oneMoreClientLeavesTheServerAlone() throws {
        let workspace = try Workspace()
        try workspace.succeed("certs dev --host a.example")
        let server = try workspace.bytes("certs/server.pem")
        try workspace.succeed("certs dev --client late")
        #expect(try workspace.bytes("certs/server.pem") == server)
        #expect(try verify(workspace, "-purpose sslclient certs/client-late.pem"))
    }

    @Test(arguments: [
        Mistake("certs dev --host 300.1.1.1", 64, "300.1.1.1"),
        Mistake("certs dev --host=-x.example", 64, "-x.example"),
        Mistake("certs dev --client Bad/Name", 64, "Bad/Name"),
        Mistake("certs dev --client a --client a", 64, "twice"),
        Mistake("certs dev --out broken", 65, "broken/ca.pem", "remove"),
    ])
    func aMistakeIsOneLineWithTheWayOut(_ mistake: Mistake) throws {
        let workspace = try Workspace()
        try workspace.write("broken/ca.pem", "not a certificate")
        try workspace.write("broken/ca.key", "not a key")
        let outcome = try workspace.tributary(mistake.line)
        #expect(outcome.status == mistake.status)
        for word in mistake.words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
    }
}
