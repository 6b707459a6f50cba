import Synchronization
import Testing
import TributaryClient
import TributaryCore
import TributaryWire

/// Proxies, load balancers and captive portals answer in the server's place: no client ends for what they say.
@Suite struct ProxyTests {
    private static let statuses = [200, 204, 302, 401, 403, 404, 405, 407, 409, 413, 422, 429, 500, 501, 502, 503, 504]

    /// A server of which a proxy answers the first requests that are `such`, with pages of the given status.
    private func server(
        _ status: Int, times: Int, answering such: @escaping @Sendable (Request) -> Bool
    ) -> FakeServer {
        let left = Mutex(times)
        return FakeServer { request, _ in
            guard such(request) else { return nil }
            return left.withLock { left in
                left -= 1
                return left >= 0 ? .page(status) : nil
            }
        }
    }

    @Test(arguments: statuses, [ConnectMethod.register, .poll, .submit])
    func `a page that answers a call is not the server's word`(status: Int, method: ConnectMethod) async throws {
        let server = server(status, times: 3) { $0 == .call(method) }
        server.offer(CourseTests.task, model: CourseTests.model)
        let bench = Bench()
        try await bench.run(server)
        #expect(server.count(method) == 4)
        #expect(bench.trainer.trainings == 1 && server.submissions.count == 1)
        #expect(bench.events.failures.count == 3)
        for failure in bench.events.failures {
            #expect(failure.failure == .transient(nil))
            #expect(failure.message.contains("HTTP status \(status)"), "\(failure)")
            #expect(failure.message.contains("check the address, and the proxies on the way"))
        }
    }

    @Test(arguments: statuses)
    func `a page in the place of a model is not the model`(status: Int) async throws {
        let server = server(status, times: 8) { if case .download = $0 { true } else { false } }
        server.offer(CourseTests.task, model: CourseTests.model)
        let bench = Bench()
        try await bench.run(server)
        #expect(server.failures.isEmpty && server.submissions.count == 1)
        #expect(bench.events.failures.count == 8)
    }

    @Test(arguments: statuses)
    func `a page that answers an upload changes nothing about it`(status: Int) async throws {
        let server = server(status, times: 8) {
            switch $0 {
            case .upload, .uploadState: true
            default: false
            }
        }
        server.offer(CourseTests.task, model: CourseTests.model)
        let bench = Bench()
        try await bench.run(server)
        #expect(server.failures.isEmpty && server.submissions.count == 1)
        #expect(bench.trainer.trainings == 1 && bench.events.failures.count == 8)
        #expect(server.update(of: CourseTests.task) == [Float](repeating: 0.5, count: 40))
    }

    @Test(arguments: [401, 403, 404])
    func `a page that answers a heartbeat does not end the work`(status: Int) async throws {
        let server = server(status, times: 2) { $0 == .call(.heartbeat) }
        var bench = Bench()
        bench.trainer = HalfTrainer { [clock = bench.clock] _ in
            for _ in 0..<3 { clock.beat() }
            while server.state.withLock({ $0.beats.isEmpty }) { await Task.yield() }
        }
        server.offer(CourseTests.task, model: CourseTests.model)
        try await bench.run(server)
        #expect(server.count(.register) == 1 && server.submissions.count == 1)
    }

    @Test func `a client that only ever meets a page gives up if told to`() async throws {
        let server = FakeServer { _, _ in .page(404) }
        var bench = Bench()
        bench.settings.patience.registrationAttempts = 3
        let error = await #expect(throws: ClientError.self) { try await bench.run(server) }
        #expect(error?.kind == .refused && error?.message.contains("text/html") == true)
        #expect(server.requests.count == 3)
    }

    @Test func `a client whose server was trusted once waits for it to be trusted again`() async throws {
        let server = FakeServer { _, index in
            (3..<9).contains(index) ? .lost(ClientError(.untrusted, "fake: its certificate is not vouched for")) : nil
        }
        server.offer(CourseTests.task, model: CourseTests.model)
        let bench = Bench()
        try await bench.run(server)
        #expect(bench.events.failures.map(\.kind) == [ClientError.Kind](repeating: .untrusted, count: 6))
        #expect(bench.trainer.trainings == 1 && server.submissions.count == 1)
    }
}
