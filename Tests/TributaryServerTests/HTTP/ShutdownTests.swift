import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Synchronization
import Testing
import TributaryCore
import TributaryServer
import TributaryWire

@Suite struct ShutdownTests {
    /// Runs a server in a group that a test can shut down.
    private final class Group: Sendable {
        private let group = Mutex<ServiceGroup?>(nil)

        func run(_ server: HTTPServer) async throws {
            let group = ServiceGroup(
                configuration: .init(
                    services: [server], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
            self.group.withLock { $0 = group }
            try await group.run()
        }

        func shutDown() async {
            await group.withLock { $0 }?.triggerGracefulShutdown()
        }
    }

    @Test func finishesWhatIsInProgress() async throws {
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let (ended, end) = AsyncStream<Void>.makeStream()
        let calls = StubCalls { _ in
            begin.yield()
            for await _ in ended {}
            return WirePollResponse()
        }
        let group = Group()
        try await withServer(
            calls: calls, hooks: Hooks(onShutdown: { end.finish() }, run: { try await group.run($0) })
        ) { server in
            async let answer = server.call("/tributary.v1.Tasks/Poll", "{}")
            var iterator = begun.makeAsyncIterator()
            _ = await iterator.next()
            await group.shutDown()
            let answer3 = try await answer
            #expect(answer3.status == 200)
        }
    }

    @Test func closesWhatDoesNotFinish() async throws {
        let group = Group()
        try await withServer(hooks: Hooks(run: { try await group.run($0) })) {
            $0.timeouts.grace = .milliseconds(20)
        } _: { server in
            async let answer = server.call("/tributary.v1.Tasks/Poll", #"{"waitMs": 60000}"#)
            var iterator = server.calls.begun.stream.makeAsyncIterator()
            _ = await iterator.next()
            await group.shutDown()
            let status = try? await answer.status
            #expect(status != 200)
            var cancelled = server.calls.cancelled.stream.makeAsyncIterator()
            let heard: Void? = await cancelled.next()
            #expect(heard != nil)
        }
    }

    @Test func closesIdleConnectionsAtOnce() async throws {
        let group = Group()
        try await withServer(hooks: Hooks(run: { try await group.run($0) })) { server in
            try await RawConnection.open(server.port) { connection in
                try await connection.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await connection.receive(through: "ok\n")
                await group.shutDown()
                #expect(await connection.receiveAll().isEmpty)
            }
        }
    }
}
