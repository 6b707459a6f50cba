import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization
import Testing
import TributaryCore
import TributaryServer
import TributaryWire

@Suite struct TLSTests {
    private static func trusting(_ folder: CertificateFolder) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMBytes(Array(folder.certificates.authorityPEM.utf8)))
        return configuration
    }

    private static func settings(_ folder: CertificateFolder, isMutual: Bool = false) -> TLSSettings {
        TLSSettings(
            certificateChainPath: folder.certificate, privateKeyPath: folder.key,
            clientAuthorityPath: isMutual ? folder.authority : nil)
    }

    @Test func speaksHTTP2() async throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        try await withServer(tls: Self.trusting(folder)) {
            $0.tls = Self.settings(folder)
        } _: { server in
            let bytes = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 40_503 >> 7) }
            let digest = try digest(of: bytes)
            let up = try await server.send(.PUT, "/v1/uploads/\(digest)", body: .bytes(ByteBuffer(bytes: bytes)))
            #expect(up.status == 201)
            #expect(up.version == .http2)
            let down = try await server.send(.GET, "/v1/blobs/\(digest)", [("range", "bytes=5-")])
            #expect(down.status == 206)
            #expect(down.body.elementsEqual(bytes[5...]))
        }
    }

    @Test func cancelsAnHTTP2CallWhoseCallerIsGone() async throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        try await withServer(tls: Self.trusting(folder)) {
            $0.tls = Self.settings(folder)
        } _: { server in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    _ = try? await server.call("/tributary.v1.Tasks/Poll", #"{"waitMs": 60000}"#)
                }
                var begun = server.calls.begun.stream.makeAsyncIterator()
                _ = await begun.next()
                group.cancelAll()
            }
            var cancelled = server.calls.cancelled.stream.makeAsyncIterator()
            let heard: Void? = await cancelled.next()
            #expect(heard != nil)
        }
    }

    @Test func answersBeforeItEndsAnHTTP2StreamWithABodyNobodyWants() async throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        try await withServer(tls: Self.trusting(folder)) {
            $0.tls = Self.settings(folder)
        } _: { server in
            let body = ByteBuffer(repeating: 1, count: 3_000_000)
            let answer = try await server.send(.POST, "/nothing", body: .bytes(body))
            #expect(answer.status == 404)
            let answer5 = try await server.send(.GET, "/healthz")
            #expect(answer5.status == 200)
        }
    }

    @Test func speaksHTTP1OverTLS() async throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        try await withServer {
            $0.tls = Self.settings(folder)
        } _: { server in
            var configuration = HTTPClient.Configuration(tlsConfiguration: try Self.trusting(folder))
            configuration.httpVersion = .http1Only
            let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
            let response = try await client.execute(
                HTTPClientRequest(url: "https://localhost:\(server.port)/healthz"), timeout: .seconds(30))
            try await client.shutdown()
            #expect(response.status == .ok)
            #expect(response.version == .http1_1)
        }
    }

    @Test func demandsClientsCertificates() async throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        let (certificate, key) = try folder.certificates.issue()
        var known = try Self.trusting(folder)
        known.certificateChain = try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)).map { .certificate($0) }
        known.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
        try await withServer(tls: known) {
            $0.tls = Self.settings(folder, isMutual: true)
        } _: { server in
            let answer6 = try await server.send(.GET, "/healthz")
            #expect(answer6.status == 200)
        }
        try await withServer(tls: Self.trusting(folder)) {
            $0.tls = Self.settings(folder, isMutual: true)
        } _: { server in
            let answer = try? await server.send(.GET, "/healthz")
            #expect(answer?.status == nil)
        }
    }

    @Test func usesANewCertificateForNewConnections() async throws {
        let folder = try CertificateFolder()
        let other = try CertificateFolder()
        defer {
            folder.remove()
            other.remove()
        }
        // The client trusts the second authority alone: it can connect only once the certificate has been changed.
        try await withServer(tls: Self.trusting(other)) {
            var settings = Self.settings(folder)
            settings.pollInterval = .milliseconds(5)
            $0.tls = settings
        } _: { server in
            let answer = try? await server.send(.GET, "/healthz")
            #expect(answer?.status == nil)
            for (from, to) in [(other.certificate, folder.certificate), (other.key, folder.key)] {
                try String(contentsOfFile: from, encoding: .utf8).write(toFile: to, atomically: true, encoding: .utf8)
            }
            while (try? await server.send(.GET, "/healthz"))?.status != 200 {}
        }
    }

    @Test func keepsTheCertificateInUseIfANewOneIsBad() async throws {
        let folder = try CertificateFolder()
        let other = try CertificateFolder()
        defer {
            folder.remove()
            other.remove()
        }
        let reloader = try CertificateReloader(
            Self.settings(folder), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let before = reloader.current.fingerprint
        // A key of another certificate.
        try FileManager.default.removeItem(atPath: folder.key)
        try FileManager.default.copyItem(atPath: other.key, toPath: folder.key)
        #expect(throws: TLSError.self) { try reloader.reload() }
        try "rubbish".write(toFile: folder.certificate, atomically: true, encoding: .utf8)
        #expect(throws: TLSError.self) { try reloader.reload() }
        #expect(reloader.current.fingerprint == before)
        try folder.renew()
        reloader.reloadIfChanged()
        #expect(reloader.current.fingerprint != before)
    }

    @Test func namesTheFileThatIsWrong() throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        var settings = Self.settings(folder)
        settings.privateKeyPath = folder.path + "/missing.key"
        let error = #expect(throws: TLSError.self) { try TLSContext(settings) }
        #expect(error?.description.contains("missing.key") == true)
    }
}
