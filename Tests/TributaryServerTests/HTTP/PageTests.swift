import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import Testing
import TributaryCore
import TributaryServer
import TributaryWire

@Suite struct PageTests {
    private static let token = [("authorization", "Bearer \(StubCalls.operatorToken)")]

    @Test func isAliveAndReady() async throws {
        try await withServer { server in
            let answer7 = try await server.send(.GET, "/healthz", credential: nil)
            #expect(answer7.status == 200)
            let answer8 = try await server.send(.GET, "/readyz", credential: nil)
            #expect(answer8.status == 200)
            server.calls.isReady.withLock { $0 = false }
            let answer9 = try await server.send(.GET, "/healthz", credential: nil)
            #expect(answer9.status == 200)
            let answer10 = try await server.send(.GET, "/readyz", credential: nil)
            #expect(answer10.status == 503)
        }
    }

    @Test func countsRequestsByRouteAndStatus() async throws {
        try await withServer(metrics: MetricsRegistry()) { server in
            for _ in 0..<3 { _ = try await server.call("/tributary.v1.Tasks/Poll", "{}") }
            _ = try await server.call("/tributary.v1.Tasks/Poll", "{}", credential: "wrong")
            let text = try await server.send(.GET, "/metrics", credential: nil).text
            let lines = text.split(separator: "\n")
            #expect(
                lines.contains("tributary_http_requests_total{code=\"200\",method=\"POST\",route=\"Tasks.Poll\"} 3"))
            #expect(
                lines.contains("tributary_http_requests_total{code=\"401\",method=\"POST\",route=\"Tasks.Poll\"} 1"))
            #expect(lines.contains("tributary_http_request_duration_seconds_count{route=\"Tasks.Poll\"} 4"))
            #expect(lines.contains { $0.hasPrefix("tributary_http_open_connections ") })
        }
    }

    @Test func showsMetricsToOperatorsOnlyIfSoSet() async throws {
        try await withServer(metrics: MetricsRegistry()) {
            $0.servesMetricsToLoopback = false
        } _: { server in
            let answer11 = try await server.send(.GET, "/metrics")
            #expect(answer11.status == 401)
            let answer12 = try await server.send(.GET, "/metrics", Self.token)
            #expect(answer12.status == 200)
        }
    }

    @Test func showsReportsToOperators() async throws {
        try await withServer { server in
            try Self.write("<p>hello</p>", "mnist-1/report.html", server)
            let path = "/runs/mnist-1/report.html"
            let answer13 = try await server.send(.GET, path)
            #expect(answer13.status == 401)
            let answer = try await server.send(.GET, path, Self.token)
            #expect(answer.status == 200)
            #expect(answer.header("content-type") == "text/html; charset=utf-8")
            #expect(answer.text == "<p>hello</p>")
            let typed = Data("anybody:\(StubCalls.operatorToken)".utf8).base64EncodedString()
            let answer14 = try await server.send(.GET, path, [("authorization", "Basic \(typed)")])
            #expect(answer14.status == 200)
        }
    }

    @Test(arguments: [
        "/runs/mnist-1/secret.txt", "/runs/../secret.txt", "/runs/%2e%2e/run.json", "/runs/..%2f/run.json",
        "/runs/mnist-1/../run.json", "/runs/mnist-2/run.json", "/runs/mnist-1/rounds.csv", "/runs//run.json",
        "/runs/mnist-1/", "/runs/mnist-1",
    ])
    func showsNothingElse(path: String) async throws {
        try await withServer { server in
            try Self.write("secret", "mnist-1/secret.txt", server)
            try Self.write("secret", "run.json", server)
            try Self.write("secret", "mnist-1/elsewhere", server)
            try FileManager.default.createSymbolicLink(
                atPath: server.folder + "/reports/mnist-1/rounds.csv",
                withDestinationPath: server.folder + "/reports/mnist-1/elsewhere")
            let answer = try await RawConnection.open(server.port) { connection in
                try await connection.send(
                    "GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                        + "Authorization: Bearer \(StubCalls.operatorToken)\r\n\r\n")
                return await connection.receiveAll()
            }
            #expect(answer.hasPrefix("HTTP/1.1 404"))
            #expect(!answer.contains("secret\n") && !answer.hasSuffix("secret"))
        }
    }

    private static func write(_ text: String, _ name: String, _ server: TestServer) throws {
        let url = URL(fileURLWithPath: server.folder + "/reports/" + name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: url, atomically: true, encoding: .utf8)
    }
}
