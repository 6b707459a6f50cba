import Foundation
import Synchronization
import Testing
import TributaryClient
import TributaryCore

/// The folder that a client's identity and its finished result are kept in.
@Suite struct StoreTests {
    private func open(_ folder: String, server: String = "https://a", name: String = "n") throws -> FolderStore {
        try FolderStore(folder, server: server, name: name)
    }

    private let identity = ClientIdentity(
        registrationKey: Array(0..<32),
        membership: .init(id: ClientID(7), credential: "secret", endsAt: 1234.5))

    static func keep(_ bytes: [UInt8], residual: [Float]? = nil, in store: FolderStore) throws -> StoredResult {
        var result = FinishedTask.sample(.sample(round: 3))
        let blob = UpdateBlob(TensorBlob(digest: sha256(bytes), byteCount: bytes.count, encoding: .float32))
        let outcome = TrainingOutcome(exampleCount: 5, stepCount: 2, meanLoss: 0.5)
        result.result = .trained(TrainedUpdate(blob: blob, outcome: outcome, metrics: ["seconds": 1.5]))
        let stored = StoredResult(finished: result, closesAt: 99)
        let writer = try store.makeUpdate()
        try bytes.withUnsafeBytes { try writer.append($0) }
        try store.keep(stored, update: writer, residual: residual)
        return stored
    }

    private func files(_ folder: String) throws -> [String: String] {
        let inner = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(inner)")
        return Dictionary(uniqueKeysWithValues: names.map { ($0, "\(folder)/\(inner)/\($0)") })
    }

    @Test func `what was kept is there after a restart`() async throws {
        try await withFolder { folder in
            let stored = try {
                let store = try open(folder)
                try store.save(identity)
                return try Self.keep([1, 2, 3, 4], in: store)
            }()
            let store = try open(folder)
            let state = try store.load()
            #expect(state.identity == identity)
            #expect(state.result == stored)
            #expect(state.remarks.isEmpty)
            var bytes = [UInt8](repeating: 0, count: 2)
            try bytes.withUnsafeMutableBytes { try store.updateContent().read(at: 2, into: $0) }
            #expect(bytes == [3, 4])
            try store.forgetResult(wasAccepted: false)
            #expect(try store.load().result == nil)
        }
    }

    @Test func `what accepted updates left out is kept by run, and what others did is not`() async throws {
        try await withFolder { folder in
            let run = FinishedTask.sample(.sample(round: 3)).id.run
            for (values, wasAccepted, expected) in [
                ([1, 2] as [Float], true, [1, 2] as [Float]), ([3, 4], false, [1, 2]),
                ([-0.0, .pi], true, [-0.0, .pi]),
            ] {
                let store = try open(folder)
                _ = try Self.keep([1, 2, 3, 4], residual: values, in: store)
                #expect(try store.load().result != nil)
                try store.forgetResult(wasAccepted: wasAccepted)
                // As after a crash behind it.
                try store.forgetResult(wasAccepted: true)
                #expect(try store.residual(of: run) == expected)
                store.close()
                #expect(try open(folder).residual(of: run) == expected)
            }
            let store = try open(folder)
            let path = try #require(try files(folder)["left-out-\(run.rawValue)"])
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes[bytes.count - 1] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
            #expect(try store.residual(of: run) == nil)
        }
    }

    @Test func `a result without anything left out is not taken for one with it`() async throws {
        try await withFolder { folder in
            let store = try open(folder)
            let stored = try Self.keep([1, 2, 3, 4], residual: [5], in: store)
            // The process died before the next result was whole; that one keeps nothing.
            try store.keep(stored, update: nil, residual: nil)
            try store.forgetResult(wasAccepted: true)
            #expect(try store.residual(of: stored.finished.id.run) == nil)
        }
    }

    @Test(arguments: [true, false])
    func `of many runs the last ones' rest is kept`(inFolder: Bool) async throws {
        try await withFolder { folder in
            let store: any ClientStore = inFolder ? try open(folder) : MemoryStore()
            for number in 0..<12 {
                let id = try #require(TaskID("run-\(number)/1/train"))
                var result = FinishedTask.sample(.sample(round: 3))
                result.id = id
                let stored = StoredResult(finished: result, closesAt: 99)
                try store.keep(stored, update: store.makeUpdate(), residual: [Float(number)])
                try store.forgetResult(wasAccepted: true)
            }
            var kept: [Int] = []
            for number in 0..<12 {
                let run = try #require(RunID(rawValue: "run-\(number)"))
                if try store.residual(of: run) == [Float(number)] { kept.append(number) }
            }
            #expect(kept.count == 8 && kept.last == 11)
        }
    }

    @Test func `only its owner may read it`() async throws {
        try await withFolder { folder in
            let store = try open(folder)
            try store.save(identity)
            _ = try Self.keep([1, 2, 3, 4], in: store)
            for path in try files(folder).values {
                let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
                #expect(mode == 0o600, "\(path)")
            }
        }
    }

    @Test func `one process at a time`() async throws {
        try await withFolder { folder in
            let store = try open(folder)
            let error = #expect(throws: ClientError.self) { try open(folder) }
            #expect(error?.description.contains("another process is this client") == true)
            withExtendedLifetime(store) {}
        }
    }

    @Test func `servers and names are kept apart`() async throws {
        try await withFolder { folder in
            try open(folder).save(identity)
            #expect(try open(folder, server: "https://b").load().identity == nil)
            #expect(try open(folder, name: "m").load().identity == nil)
            #expect(try open(folder).load().identity == identity)
        }
    }

    @Test(arguments: ["key", "membership", "result", "update"], ["flip", "cut", "empty"])
    func `a damaged file is set aside by name, and the rest stays`(name: String, damage: String) async throws {
        try await withFolder { folder in
            try {
                let store = try open(folder)
                try store.save(identity)
                _ = try Self.keep([1, 2, 3, 4], in: store)
            }()
            let path = try #require(try files(folder)[name])
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            switch damage {
            case "flip": bytes[bytes.count - 1] ^= 1
            case "cut": bytes.removeLast(2)
            default: bytes = Data()
            }
            try bytes.write(to: URL(fileURLWithPath: path))
            let state = try open(folder).load()
            #expect(state.remarks.count == 1)
            #expect(state.remarks.first?.contains(name) == true)
            #expect((state.identity == nil) == (name == "key"))
            #expect((state.identity?.membership == nil) == (name == "key" || name == "membership"))
            #expect((state.result == nil) == (name == "result" || name == "update"))
        }
    }

    @Test func `a client whose membership is damaged registers again as the same client`() async throws {
        try await withFolder { folder in
            let server = FakeServer()
            server.offer(CourseTests.task, model: CourseTests.model)
            server.offer("run/2/train", model: CourseTests.model)
            func run() async throws -> Events {
                var bench = Bench()
                bench.store = try open(folder)
                try await bench.run(server)
                return bench.events
            }
            _ = try await run()
            try Data("junk".utf8).write(to: URL(fileURLWithPath: try #require(try files(folder)["membership"])))
            let events = try await run()
            #expect(events.setAside.count == 1)
            #expect(server.state.withLock { $0.clients.count } == 1)
            #expect(server.submissions.count == 2)
        }
    }

    @Test func `an identity does not print its secrets`() {
        #expect(!"\(identity)".contains("secret"))
    }
}
