import Foundation
import Synchronization
import Testing
import TributaryClient
import TributaryCore
import TributaryWire

/// Noise of a client's own: nothing of its data leaves it without, and a task has it once.
@Suite struct LocalNoiseTests {
    private static let task = CourseTests.task
    private static let model = CourseTests.model
    /// What `HalfTrainer` makes of every model.
    private static let raw = [Float](repeating: 0.5, count: 40)

    private func offer(_ server: FakeServer, clip: Double = 1, multiplier: Double = 1, bound: Double = 8) {
        server.offer(Self.task, model: Self.model) { task in
            (task.localNoise.clip, task.localNoise.noiseMultiplier, task.updateBound) = (clip, multiplier, bound)
        }
    }

    @Test func `without noise to speak of it is the clipped update, and no word of how training went`() async throws {
        let (bench, server) = (Bench(), FakeServer())
        offer(server, clip: 1, multiplier: 0)
        try await bench.run(server)
        var expected = Self.raw
        var stream = SystemRandomNumberGenerator()
        _ = try NoiseRequest(clip: 1, multiplier: 0).noise(count: 40).protect(&expected, using: &stream)
        #expect(server.update(of: Self.task) == expected)
        // By the definition, and up to the rounding of clipping: C / ‖Δ‖ of every coordinate.
        let plain = Float(0.5 / (40 * 0.25).squareRoot())
        #expect(expected.allSatisfy { abs($0 - plain) < 1e-6 })
        let training = try #require(server.submissions[Self.task]?.training)
        #expect(training.exampleCount == 1 && training.stepCount == 0 && training.meanLoss == 0)
        #expect(training.metrics.isEmpty && training.compression.isEmpty)
        #expect(training.localNoise.clip == 1 && training.localNoise.noiseMultiplier == 0)
    }

    @Test func `the noise is as large as it should be, and other noise for each task`() async throws {
        let (server, count) = (FakeServer(), 200)
        for round in 1...count {
            server.offer("run/\(round)/train", model: Self.model) { task in
                (task.localNoise.clip, task.localNoise.noiseMultiplier) = (1, 3)
            }
        }
        try await Bench(taskLimit: count).run(server)
        let updates = (1...count).compactMap { server.update(of: "run/\($0)/train") }
        #expect(updates.count == count && Set(updates).count == count)
        let signal = 0.5 / (40 * 0.25).squareRoot()
        let squares = updates.joined().reduce(0.0) { $0 + (Double($1) - signal) * (Double($1) - signal) }
        // 8,000 numbers of deviation 2 · 1 · 3: six deviations of their variance's estimate are 0.095 of it.
        #expect(abs(squares / Double(count * 40) / 36 - 1) < 0.095)
    }

    @Test(arguments: 2..<6, [false, true])
    func `killed at any request, it hands in the same bytes, and the raw update is not on its disk`(
        number: Int, afterwards: Bool
    ) async throws {
        let sent = Mutex<Set<BlobDigest>>([])
        try await withFolder { folder in
            let server = FakeServer { _, index in
                guard index == number else { return nil }
                return afterwards ? .answerLost(Killed()) : .lost(Killed())
            }
            offer(server)
            let trainer = HalfTrainer()
            var isOver = false
            for _ in 0..<3 where !isOver {
                var bench = Bench()
                bench.trainer = trainer
                let store = try FolderStore(folder, server: "https://fake.test", name: "a")
                bench.store = store
                do {
                    try await bench.run(server)
                    isOver = true
                } catch is Killed {}
                store.close()
                #expect(!holdsRaw(folder))
                sent.withLock { $0.formUnion(server.state.withLock { $0.blobs.keys }) }
            }
            #expect(isOver && trainer.trainings == 1 && server.submissions.count == 1)
            #expect(sent.withLock { $0.count } == 1)
            #expect(server.update(of: Self.task) != Self.raw)
        }
    }

    /// Whether any file of the folder has the raw update's bytes in it.
    private func holdsRaw(_ folder: String) -> Bool {
        let raw = Data(TensorEncoding.float32.encoded(Array(Self.raw.prefix(4))))
        let files = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []
        return files.contains { name in
            FileManager.default.contents(atPath: "\(folder)/\(name)")?.range(of: raw) != nil
        }
    }

    @Test(arguments: [[.makeUpdate], [.append], [.keep]] as [Set<FailingStore.Call>])
    func `what cannot be kept is not sent`(calls: Set<FailingStore.Call>) async throws {
        var bench = Bench()
        let (server, store) = (FakeServer(), FailingStore())
        bench.store = store
        bench.trainer = HalfTrainer { _ in store.fail(calls) }
        offer(server)
        server.offer("run/2/train", model: Self.model)
        try await bench.run(server)
        #expect(server.submissions[Self.task] == nil)
        #expect(server.failures.map(\.taskID) == [Self.task])
        // The next task, without noise, is handed in from memory as ever.
        #expect(server.submissions["run/2/train"] != nil)
    }

    @Test func `a failure is told without a word of the data`() async throws {
        let (bench, server) = (Bench(), FakeServer())
        offer(server, bound: 0.25)
        server.offer("run/2/train", model: Self.model)
        try await bench.run(server)
        let failure = try #require(server.failures.first)
        #expect(failure.taskID == Self.task && failure.cause == .failed && !failure.message.contains("0.5"))
        #expect(server.submissions[Self.task] == nil)
    }

    @Test func `a client says that it adds noise, and does so only where it is asked to`() async throws {
        let (bench, server) = (Bench(), FakeServer())
        server.offer(Self.task, model: Self.model)
        try await bench.run(server)
        #expect(server.state.withLock { $0.addsNoise } == true)
        #expect(server.update(of: Self.task) == Self.raw)
        let training = try #require(server.submissions[Self.task]?.training)
        #expect(!training.hasLocalNoise && training.exampleCount == 20)
    }
}
