import Foundation
import TributaryCore
import TributaryReports
import TributarySimulation

/// The folder a run goes to, and what is there already.
struct RunTarget {
    /// The folder, if one was named.
    let folder: RunFolder?
    /// The checkpoint to go on from; nil begins anew.
    let checkpoint: Checkpoint?
    /// The plan of the run that is gone on with.
    private let earlierPlan: Plan?
    private let overwrites: Bool

    /// Looks at the folder that was named.
    init(folder path: String?, resumes: Bool, overwrites: Bool) throws {
        self.overwrites = overwrites
        folder = path.map { RunFolder($0) }
        guard resumes else {
            (checkpoint, earlierPlan) = (nil, nil)
            return
        }
        guard let folder else {
            throw CommandFailure(.usage, "--resume needs the run's folder, as in: tributary simulate --resume runs/first")
        }
        guard FileManager.default.fileExists(atPath: folder.recordPath) else {
            throw CommandFailure(.missingInput, "\(folder.path): there is no run to resume; run.json is missing")
        }
        let found = CheckpointFolder(folder.checkpointsPath, keep: 1).newest()
        for line in found.damaged { Console.error("warning: \(line); an older checkpoint is used") }
        checkpoint = found.checkpoint
        earlierPlan = try found.checkpoint?.plan ?? Plan(text: folder.readRecord().plan)
        if checkpoint == nil { Console.error("note: no checkpoint was stored yet; the run begins anew") }
    }

    /// The plan to run: for a resumed run the one it was begun with, which flags may only repeat or prolong.
    func plan(from flags: PlanFlags) throws -> Plan {
        guard let earlierPlan else { return try flags.makePlan() }
        if flags.isEmpty { return earlierPlan }
        var said = try flags.makePlan()
        if !said.data.set.isEmpty { said = try said.withDataPathsResolved() }
        let flagged = Set(flags.given.map(\.path))
        var plan = earlierPlan
        for field in PlanField.all {
            let (before, now) = (field.text(in: earlierPlan), field.text(in: said))
            guard now != before, flagged.contains(field.path) || now != field.defaultText else { continue }
            if Self.changeable.contains(field.path) {
                try plan.set(field.path, to: now)
            } else if now != "auto" {
                throw CommandFailure(
                    .usage,
                    "\(field.path) is \(now), but the run was begun with \(before); leave it out, or begin a new run")
            }
        }
        return plan
    }

    /// What may differ from the first sitting, because the rounds so far do not depend on it.
    private static let changeable: Set<String> = [
        "rounds", "stop.accuracy", "stop.target", "checkpoint.every", "checkpoint.keep", "evaluation.baselines",
        "data.directory", "data.file", "data.test-file",
    ]

    /// Makes the folder ready: a new one, or the one to go on with.
    func prepareFolder(for plan: Plan) throws -> RunFolder {
        guard let folder else { return try Self.newFolder(for: plan) }
        if earlierPlan == nil, FileManager.default.fileExists(atPath: folder.recordPath) {
            guard overwrites else {
                throw CommandFailure(
                    .usage,
                    "\(folder.path) holds a run already; choose another --output, go on with it by --resume, or replace "
                        + "it by --overwrite")
            }
            try removeRun(folder)
        }
        try folder.create()
        return folder
    }

    /// Removes the files of a run, and nothing else that may be in the folder.
    private func removeRun(_ folder: RunFolder) throws {
        let files = [folder.reportPath, folder.tablePath, folder.roundsPath, folder.modelPath, folder.checkpointsPath]
        for path in files + [folder.recordPath] where FileManager.default.fileExists(atPath: path) {
            do {
                try FileManager.default.removeItem(atPath: path)
            } catch {
                throw CommandFailure(.inputOutput, "\(path): cannot be replaced; check the folder's permissions")
            }
        }
    }

    private static func newFolder(for plan: Plan) throws -> RunFolder {
        let name = "\(plan.data.set)-\(plan.model)".map { $0.isLetter || $0.isNumber || $0 == "-" ? $0 : "-" }
        for number in 1...100_000 {
            let folder = RunFolder("runs/\(String(name))-\(number)")
            if FileManager.default.fileExists(atPath: folder.path) { continue }
            try folder.create()
            return folder
        }
        throw CommandFailure(.inputOutput, "runs/ is full of runs; choose an --output")
    }
}
