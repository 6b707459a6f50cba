import Testing
import TributaryClient
import TributaryCore

/// Where a client's own models are kept for its app: replaced when a result is accepted, and not before.
@Suite struct PersonalModelStoreTests {
    private let run = FinishedTask.sample(.sample(round: 3)).id.run

    private func model(_ number: Int) -> PersonalModel {
        PersonalModel(weights: [Float(number), -0.0, .pi], round: RoundNumber(3))
    }

    /// A finished update, and the model that comes with it if it is accepted.
    private func keep(_ model: PersonalModel?, in store: any ClientStore) throws {
        let bytes: [UInt8] = [1, 2, 3, 4]
        var result = FinishedTask.sample(.sample(round: 3))
        let blob = UpdateBlob(TensorBlob(digest: sha256(bytes), byteCount: bytes.count, encoding: .float32))
        result.result = .trained(
            TrainedUpdate(blob: blob, outcome: TrainingOutcome(exampleCount: 5, stepCount: 2, meanLoss: 0.5)))
        let writer = try store.makeUpdate()
        try bytes.withUnsafeBytes { try writer.append($0) }
        if let model { try store.keepPersonalModel(model, of: run, isPending: true) }
        try store.keep(StoredResult(finished: result, closesAt: 99), update: writer, residual: nil)
    }

    /// Runs `body` with a store and a way to open it anew.
    private func withStore(
        inFolder: Bool, _ body: (() throws -> any ClientStore) throws -> Void
    ) async throws {
        try await withFolder { folder in
            var open: FolderStore?
            let memory = MemoryStore()
            try body {
                guard inFolder else { return memory }
                open?.close()
                let store = try FolderStore(folder, server: "https://a", name: "n")
                open = store
                return store
            }
        }
    }

    @Test(arguments: [true, false])
    func `a model comes into use when its update is accepted`(inFolder: Bool) async throws {
        try await withStore(inFolder: inFolder) { reopen in
            var store = try reopen()
            #expect(try store.personalModel(of: run) == nil)
            try keep(model(1), in: store)
            #expect(try store.personalModel(of: run) == nil)
            // Started again, it goes on handing the result in.
            store = try reopen()
            try store.forgetResult(wasAccepted: true)
            #expect(try store.personalModel(of: run) == model(1))
            try store.forgetResult(wasAccepted: true)
            try keep(model(2), in: store)
            try store.forgetResult(wasAccepted: false)
            #expect(try store.personalModel(of: run) == model(1))
            try keep(model(3), in: store)
            store = try reopen()
            #expect(try store.personalModel(of: run) == model(1))
            try store.forgetResult(wasAccepted: true)
            #expect(try store.personalModel(of: run) == model(3))
        }
    }

    @Test(arguments: [true, false])
    func `what a killed client left behind comes into no use`(inFolder: Bool) async throws {
        try await withStore(inFolder: inFolder) { reopen in
            var store = try reopen()
            _ = try store.makeUpdate()
            try store.keepPersonalModel(model(1), of: run, isPending: true)
            // Killed before the result was kept; the next one has none, or is a score.
            store = try reopen()
            try keep(nil, in: store)
            try store.forgetResult(wasAccepted: true)
            #expect(try store.personalModel(of: run) == nil)
            try store.keepPersonalModel(model(2), of: run, isPending: true)
            let score = TaskResult.evaluated(
                Evaluation(exampleCount: 4, lossSum: 1, correctCount: nil), metrics: [:],
                own: Evaluation(exampleCount: 4, lossSum: 0.5, correctCount: nil))
            let id = TaskID(run: run, round: RoundNumber(4), kind: .evaluate)
            let stored = StoredResult(finished: FinishedTask(id: id, result: score), closesAt: 99)
            try store.keep(stored, update: nil, residual: nil)
            store = try reopen()
            #expect(try store.load().result == stored)
            try store.forgetResult(wasAccepted: true)
            #expect(try store.personalModel(of: run) == nil)
        }
    }

    @Test(arguments: [true, false])
    func `of many runs the last ones' models are kept, one of each`(inFolder: Bool) async throws {
        try await withStore(inFolder: inFolder) { reopen in
            let store = try reopen()
            let runs = try "abcdefghij".map { try #require(RunID(rawValue: "run-\($0)")) }
            for (number, run) in runs.enumerated() {
                try store.keepPersonalModel(model(0), of: run, isPending: false)
                try store.keepPersonalModel(
                    PersonalModel(weights: [Float(number)], round: RoundNumber(7)), of: run, isPending: false)
            }
            #expect(try store.personalModel(of: runs[9]) == PersonalModel(weights: [9], round: RoundNumber(7)))
            let kept = try runs.filter { try store.personalModel(of: $0) != nil }
            #expect(kept.count == 8 && kept.contains(runs[9]))
            // A run whose name begins like another's is another.
            #expect(try store.personalModel(of: try #require(RunID(rawValue: "run"))) == nil)
        }
    }

    @Test func `a store of an app's own need not keep them`() throws {
        let store = FailingStore()
        try store.keepPersonalModel(model(1), of: run, isPending: false)
        #expect(try store.personalModel(of: run) == nil)
    }
}
