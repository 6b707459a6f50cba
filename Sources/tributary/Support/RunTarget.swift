import Foundation
import TributaryCore
import TributaryReports
import TributarySimulation

/// The folder a run goes to, and what is there already.
struct RunTarget {
    /// The folder, if one was named.
    let folder: RunFolder?
    /// The run in the folder that is gone on with; nil begins anew.
    let earlier: EarlierRun?
    private let overwrites: Bool

    /// Looks at the folder that was named.
    init(folder path: String?, resumes: Bool, overwrites: Bool) throws {
        self.overwrites = overwrites
        if path == "" {
            throw CommandFailure(.usage, "the run's folder is empty text; name one, as in --output runs/first")
        }
        folder = path.map { RunFolder($0) }
        guard resumes else {
            earlier = nil
            return
        }
        guard let folder else {
            throw CommandFailure(
                .usage, "--resume needs the run's folder, as in: tributary simulate --resume runs/first")
        }
        try FolderLock.take(folder)
        let earlier = try EarlierRun(folder)
        if earlier.checkpoint == nil {
            Console.error("note: there is no checkpoint to go on from; the run begins anew")
        }
        self.earlier = earlier
    }

    /// The plan to run: for a resumed run the one it was begun with, which flags may only repeat or prolong.
    func plan(from flags: PlanFlags) throws -> Plan {
        try earlier?.plan(from: flags) ?? flags.makePlan()
    }

    /// Makes the folder ready: a new one, or the one to go on with. Nobody else can run in it until this process ends.
    func prepareFolder(for plan: Plan, _ record: RunRecord) throws -> RunFolder {
        guard let folder else { return try Self.newFolder(for: plan) }
        if let earlier {
            try earlier.check(record)
            try earlier.removeDamagedRounds()
            return folder
        }
        try refuseToReplace(folder)
        try folder.create()
        try FolderLock.take(folder)
        if FileManager.default.fileExists(atPath: folder.recordPath) {
            try refuseToReplace(folder)
            try removeRun(folder)
        }
        return folder
    }

    /// Removes a folder in which a run could not even begin.
    func discard(_ folder: RunFolder) {
        guard earlier == nil, !FileManager.default.fileExists(atPath: folder.recordPath) else { return }
        // The folder itself goes only if nothing else is in it.
        for path in [folder.roundsPath, folder.tablePath, folder.path] { _ = remove(path) }
    }

    private func refuseToReplace(_ folder: RunFolder) throws {
        guard !overwrites, FileManager.default.fileExists(atPath: folder.recordPath) else { return }
        throw CommandFailure(
            .usage,
            "\(folder.path) holds a run already; choose another --output, go on with it by --resume, or replace it by "
                + "--overwrite")
    }

    /// Removes the files of a run, and nothing else that may be in the folder.
    private func removeRun(_ folder: RunFolder) throws {
        let events = try folder.fileNames().filter { $0.hasPrefix("events.out.tfevents.") }.map {
            "\(folder.path)/\($0)"
        }
        let files = [folder.reportPath, folder.tablePath, folder.roundsPath, folder.modelPath, folder.checkpointsPath]
        for path in events + files + [folder.recordPath] where FileManager.default.fileExists(atPath: path) {
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
            guard (try? FolderLock.take(folder)) != nil else { continue }
            return folder
        }
        throw CommandFailure(.inputOutput, "runs/ is full of runs; choose an --output")
    }
}
