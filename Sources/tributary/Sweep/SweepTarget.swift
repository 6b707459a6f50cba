import TributaryCore
import TributaryReports
import TributarySimulation

/// The folder a sweep goes to, what it is to try, and how far it got before.
struct SweepTarget {
    let folder: SweepFolder
    let design: SweepDesign
    /// The record to go on with: an earlier one, or one of a sweep about to begin.
    let record: SweepRecord
    /// Held while the sweep runs.
    private let lock: FolderLock

    /// Looks at the folder and makes it ready. A folder with another sweep, or with anything else in it, is refused.
    init(folder path: String, _ flags: SweepFlags, _ plan: PlanFlags) throws {
        if path.isEmpty {
            throw CommandFailure(.usage, "the sweep's folder is empty text; name one, as in --output runs/sweep")
        }
        folder = SweepFolder(path)
        design = try Self.design(flags, plan, folder: path)
        guard try folder.holdsSweep || folder.isEmpty() else {
            throw CommandFailure(.usage, "\(path) holds other things than a sweep; choose another --output")
        }
        try folder.create()
        lock = try FolderLock(RunFolder(folder.path))
        guard folder.holdsSweep else {
            record = SweepRecord(design, version: ToolVersion.text)
            try folder.write(record)
            return
        }
        record = try folder.readRecord()
        if let difference = design.difference(from: try Self.design(of: record, folder)) {
            throw CommandFailure(
                .usage,
                "\(path) holds a sweep of other arguments: \(difference); go on with it by tributary sweep --output \(path), "
                    + "or choose another --output")
        }
    }

    /// What is to be tried: as the flags say, or if they say nothing as the folder does.
    static func design(_ flags: SweepFlags, _ plan: PlanFlags, folder path: String?) throws -> SweepDesign {
        if flags.isEmpty, plan.isEmpty, let path {
            let folder = SweepFolder(path)
            guard folder.holdsSweep else {
                throw CommandFailure(
                    .missingInput, "\(path): there is no sweep to go on with; sweep.json is missing")
            }
            return try design(of: try folder.readRecord(), folder)
        }
        var base = try plan.makePlan()
        // A sweep must find its data again from another working directory.
        if !base.data.set.isEmpty { base = try base.withDataPathsResolved() }
        return try flags.design(on: base)
    }

    private static func design(of record: SweepRecord, _ folder: SweepFolder) throws -> SweepDesign {
        do {
            return try record.design()
        } catch {
            throw CommandFailure(.badData, "\(folder.recordPath): \(error)")
        }
    }
}
