import Foundation
import TributaryCore
import TributaryReports
import TributarySimulation

/// One run of a sweep, done as `tributary simulate` does it.
struct SweepJob: Sendable {
    /// What came of a run.
    enum Outcome: Sendable {
        case completed(SweepResult)
        /// Stopped on request; its state is saved.
        case interrupted
        case failed(CommandFailure)
    }

    /// Takes no notice of rounds.
    private struct Silence: RunObserver {}

    let folder: RunFolder
    let assembly: Assembly
    let workers: Int

    /// Runs to the end, or to the end of the open round if a stop is requested.
    func run(stop: StopRequest, warn: (String) -> Void) async -> Outcome {
        do {
            try folder.create()
            let lock = try FolderLock(folder)
            defer { withExtendedLifetime(lock) {} }
            let record = assembly.makeRecord(version: ToolVersion.text, workers: workers)
            let setting = SimulationSetting(
                folder: folder, record: record, workers: workers, checkpoint: try checkpoint(record, warn))
            return try await start(assembly.trainer, setting, stop)
        } catch {
            return .failed(CommandFailure(error))
        }
    }

    /// Where an interrupted run goes on; nil if it begins.
    private func checkpoint(_ record: RunRecord, _ warn: (String) -> Void) throws -> Checkpoint? {
        guard FileManager.default.fileExists(atPath: folder.recordPath) else { return nil }
        let earlier = try EarlierRun(folder, warn: warn)
        let (before, now) = (earlier.plan, assembly.plan)
        if let field = PlanField.all.first(where: { $0.text(in: before) != $0.text(in: now) }) {
            throw CommandFailure(
                .usage,
                "\(folder.path) holds a run of another plan: \(field.path) is \(field.text(in: before)) there, and "
                    + "\(field.text(in: now)) in the sweep; move it away")
        }
        try earlier.check(record)
        try earlier.removeDamagedRounds()
        return earlier.checkpoint
    }

    private func start(
        _ trainer: some PoolableTrainer, _ setting: SimulationSetting, _ stop: StopRequest
    ) async throws -> Outcome {
        var run = try SimulationRun(plan: assembly.plan, trainer: trainer, setting: setting)
        let record = try await run.run(observer: Silence(), stop: stop)
        if record.status == .interrupted { return .interrupted }
        return .completed(SweepResult(record, rounds: try folder.readRounds()))
    }
}
