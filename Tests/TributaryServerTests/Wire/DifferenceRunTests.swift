import NIOHTTP1
import Synchronization
import Testing
import TributaryClient
import TributaryCore
import TributaryServer
import TributaryWire

/// A run whose models go out as differences: the real server, the real client, a real connection.
@Suite struct DifferenceRunTests {
    private static let length = 4_000

    /// Moves a number in four by a little, and remembers the models that it was given.
    private final class NudgingTrainer: LocalTrainer {
        let models = Mutex<[[Float]]>([])

        func train(_ task: TaskDescription, from weights: [Float], progress: TaskProgress) async throws -> LocalUpdate {
            models.withLock { $0.append(weights) }
            let update = weights.indices.map { $0.isMultiple(of: 4) ? Float(1.0 / 1024) : 0 }
            return LocalUpdate(difference: update, exampleCount: 1)
        }
    }

    private final class Downloads: ClientObserver {
        let counts = Mutex<[Int]>([])

        func observed(_ event: ClientEvent) {
            if case .downloaded(_, let count, _) = event { counts.withLock { $0.append(count) } }
        }
    }

    private func play(_ download: String) async throws -> (models: [[Float]], bytes: [Int]) {
        let (trainer, downloads) = (NudgingTrainer(), Downloads())
        try await withWireServer { server in
            var request = WireCreateRunRequest()
            request.run = "night"
            request.plan = [
                "rounds": "4", "cohort.selection": "all", "cohort.quorum": "1", "live.min-clients": "1",
                "strategy.download": download, "evaluation.federated-every": "none",
            ]
            var tensor = WireTensor()
            (tensor.name, tensor.shape) = ("w", [UInt64(Self.length)])
            request.layout = [tensor]
            _ = try await server.call(.createRun, request, credential: WireServer.operatorToken)
            var settings = ClientSettings(
                server: "http://127.0.0.1:\(server.port)", description: ClientDescription(name: "north"),
                joinToken: WireServer.joinToken)
            settings.taskLimit = 4
            try await FederatedClient.run(trainer, with: settings, observer: downloads)
        }
        return (trainer.models.withLock { $0 }, downloads.counts.withLock { $0 })
    }

    @Test func modelsAreTheSameAndBytesAreFewer() async throws {
        let whole = try await play("full")
        let delta = try await play("delta")
        #expect(whole.models == delta.models && whole.models.count == 4)
        #expect(whole.bytes == [Int](repeating: 4 * Self.length, count: 4))
        #expect(delta.bytes.first == 4 * Self.length)
        #expect(delta.bytes.count == 4 && delta.bytes.dropFirst().allSatisfy { $0 > 0 && $0 < 2 * Self.length })
    }

    /// A client learns of no blob but the models of its tasks, whatever it says that it has.
    @Test func onlyFormerModelsAreOffered() async throws {
        try await withWireServer { server in
            let client = try await server.client("north")
            try await server.createRun(
                "night", clients: 1,
                plan: ["rounds": "9", "strategy.download": "delta", "evaluation.federated-every": "none"])
            let first = try await client.task()
            #expect(first.deltaDownloads)
            #expect(try await client.work(on: first).receipt == .accepted)
            let second = try await client.task()
            let path = "/v1/blobs/\(second.model.sha256)?base="
            let update = try digest(of: WireClient.soundUpdate).rawValue
            for base in [update, second.model.sha256, String(repeating: "0", count: 64)] {
                let answer = try await server.send(.GET, path + base, credential: client.credential)
                #expect(answer.status == 200)
            }
            let offered = try await server.send(.GET, path + first.model.sha256, credential: client.credential)
            // So few numbers may be shorter as they are.
            #expect([200, 226].contains(offered.status))
            // The old model itself is not given out any more, by whatever difference.
            let old = try await server.send(
                .GET, "/v1/blobs/\(first.model.sha256)?base=\(second.model.sha256)", credential: client.credential)
            #expect(old.status == 403)
        }
    }
}
