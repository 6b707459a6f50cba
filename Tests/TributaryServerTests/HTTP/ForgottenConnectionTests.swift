import Testing
import TributaryClient
import TributaryCore
import TributaryServer
import TributaryWire

@Suite struct ForgottenConnectionTests {
    /// The client's library waits for the server's first frame without end, and has all requests wait with it.
    @Test func `a connection forgotten before its first frame keeps no later call waiting`() async throws {
        let certificates = try CertificateFolder()
        defer { certificates.remove() }
        try await withServer { settings in
            settings.tls = TLSSettings(
                certificateChainPath: certificates.certificate, privateKeyPath: certificates.key)
        } _: { server in
            let connections = try await ForgetfulRelay.run(to: server.port) { port in
                var settings = ClientSettings(server: "https://localhost:\(port)")
                settings.tls.authorityFile = certificates.authority
                settings.timeouts.connect = .seconds(2)
                let transport = try AsyncHTTPTransport(settings)
                let call = TransportCall(
                    path: "/tributary.v1.Health/Check", body: [], credential: nil, timeout: .seconds(20))
                await #expect { try await transport.call(call) } throws: { ($0 as? ClientError)?.kind == .timedOut }
                #expect(try await transport.call(call).status == 200)
                try await transport.shutdown()
            }
            #expect(connections == 2)
        }
    }
}
