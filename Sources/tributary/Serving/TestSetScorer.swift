import Logging
import Synchronization
import TributaryCore
import TributaryLearning
import TributaryServer
import TributarySimulation
import TributaryStore

/// Scores models on the test set of the data that a run's plan names, where this machine has it.
final class TestSetScorer: ModelScorer {
    private let logger: Logger
    /// The trainers of runs that were scored, by what makes them; a process has few runs.
    private let trainers = Mutex<[Plan: any PoolableTrainer]>([:])

    init(logger: Logger) {
        self.logger = logger
    }

    func testSet(for plan: Plan) -> RunRecord.TestSet? {
        guard !plan.data.set.isEmpty else { return nil }
        do {
            let assembly = try Assembly(Self.whole(plan))
            guard let test = assembly.dataset.test else { return nil }
            return RunRecord.TestSet(
                exampleCount: test.count, classCount: test.classCount)
        } catch {
            logger.notice("models are not scored here", metadata: ["data": "\(plan.data.set)", "reason": "\(error)"])
            return nil
        }
    }

    func score(_ model: TensorBlob, of run: RunRow, in store: any BlobStore) throws -> Score? {
        let trainer = try trainer(for: Self.whole(try Plan(text: run.plan)))
        guard model.byteCount == trainer.layout.count * 4, let reader = try store.open(model.digest) else {
            throw StoreError(.damaged, "model \(model.digest) is missing, or not of the run's layout")
        }
        var weights = [Float](repeating: 0, count: trainer.layout.count)
        try weights.withUnsafeMutableBytes { try reader.read(at: 0, into: $0) }
        return Self.score(weights, with: trainer)
    }

    private static func score(_ weights: [Float], with trainer: some Trainer) -> Score? {
        ModelScoring.test(weights, with: trainer)
    }

    private func trainer(for plan: Plan) throws -> any PoolableTrainer {
        if let known = trainers.withLock({ $0[plan] }) { return known }
        let trainer = try Assembly(plan).trainer
        trainers.withLock { $0[plan] = trainer }
        return trainer
    }

    /// The plan with all of the data in one place: how it is dealt out does not matter to a test set.
    private static func whole(_ plan: Plan) -> Plan {
        var whole = Plan()
        whole.seed = plan.seed
        whole.model = plan.model
        whole.data = plan.data
        whole.data.partition = "iid"
        whole.data.clients = 1
        whole.evaluation.testExamples = plan.evaluation.testExamples
        return whole
    }
}
