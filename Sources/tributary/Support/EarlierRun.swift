import Foundation
import TributaryCore
import TributaryReports
import TributarySimulation

/// A run that was begun before, as far as its folder can be read.
struct EarlierRun {
    /// The checkpoint to go on from; nil begins the run anew.
    let checkpoint: Checkpoint?
    /// The plan it was begun with.
    let plan: Plan
    private let folder: RunFolder
    /// The digest of the data it was begun with, if its record can be read.
    private let dataDigest: String?

    /// Reads the folder and warns of what is damaged in it: a checkpoint counts only if the rounds before it are there.
    ///
    /// - Parameter warn: is called with a line for each thing that the person should know.
    init(_ folder: RunFolder, warn: (String) -> Void = Console.error) throws {
        guard FileManager.default.fileExists(atPath: folder.recordPath) else {
            throw CommandFailure(.missingInput, "\(folder.path): there is no run to resume; run.json is missing")
        }
        self.folder = folder
        let (rounds, damage) = try folder.readSoundRounds()
        let logged = RoundNumber(zip(1..., rounds).prefix { $0 == $1.round.rawValue }.count)
        let checkpoints = CheckpointFolder(folder.checkpointsPath, keep: 1)
        let found = checkpoints.newest(notAfter: logged)
        for line in found.damaged { warn("warning: \(line); it is passed over") }
        if let damage {
            warn("warning: \(damage); the rounds from there on are computed again")
        } else if let newest = checkpoints.newest().checkpoint, newest.state.lastRound > logged {
            warn(
                "warning: \(folder.roundsPath): the rounds after \(logged.rawValue) are missing; they are computed again"
            )
        }
        checkpoint = found.checkpoint
        plan = try Self.plan(of: folder, checkpoint, warn)
        dataDigest = (try? folder.readRecord())?.data.sha256
    }

    private static func plan(of folder: RunFolder, _ checkpoint: Checkpoint?, _ warn: (String) -> Void) throws -> Plan {
        do {
            return try Plan(text: folder.readRecord().plan)
        } catch {
            let reason = CommandFailure(error)
            guard reason.code == .badData || reason.code == .usage else { throw reason }
            guard let checkpoint else {
                throw CommandFailure(
                    .badData,
                    "\(reason.message); without a checkpoint the run cannot be resumed, begin it anew by --overwrite")
            }
            warn("warning: \(reason.message); the plan in the checkpoint is used")
            return checkpoint.plan
        }
    }

    /// The run's plan with what the flags change: they may only repeat it, prolong it, or say where its data is now.
    func plan(from flags: PlanFlags) throws -> Plan {
        if flags.isEmpty { return plan }
        var said = try flags.makePlan()
        if said.data.set.isEmpty {
            // Paths that were given without a set belong to the run's own set.
            said.data.set = plan.data.set
        }
        said = try said.withDataPathsResolved()
        // What was said of a part may be less than what the record spells out.
        if said.strategy.optimiser != nil { said.strategy.optimiser = try Strategy(said).optimiser.text }
        if said.strategy.aggregation != nil { said.strategy.aggregation = try Strategy(said).aggregation.part.text }
        if let selector = try Strategy(said).selector { said.cohort.selection = .selector(selector.text) }
        said.energy = said.energy.spellingOutDefaults
        let flagged = flags.givenPaths
        var changed = plan
        for field in PlanField.all {
            let (before, now) = (field.text(in: plan), field.text(in: said))
            guard now != before, flagged.contains(field.path) || now != field.defaultText else { continue }
            if Self.changeable.contains(field.path) {
                try changed.set(field.path, to: now)
            } else if now != "auto" {
                throw CommandFailure(
                    .usage,
                    "\(field.path) is \(now), but the run was begun with \(before); leave it out, or begin a new run")
            }
        }
        try checkRounds(changed)
        return changed
    }

    /// What may differ from the first sitting, because the rounds so far do not depend on it.
    private static let changeable: Set<String> = [
        "name", "rounds", "stop.accuracy", "stop.target", "checkpoint.every", "checkpoint.keep", "evaluation.baselines",
        "data.directory", "data.file", "data.test-file", "energy.trace",
    ]

    private func checkRounds(_ changed: Plan) throws {
        if let done = checkpoint?.state.lastRound.rawValue, changed.rounds < done {
            throw CommandFailure(
                .usage, "rounds is \(changed.rounds), but the run has done \(done) already; ask for \(done) or more")
        }
        if changed.rounds != plan.rounds, plan.energy.slack > 0 {
            throw CommandFailure(
                .usage,
                "rounds is \(changed.rounds), but the run's slots were chosen for \(plan.rounds) rounds (energy.slack); begin a "
                    + "new run")
        }
        guard changed.rounds != plan.rounds, [plan.local.schedule, plan.server.schedule].contains(where: \.isCosine)
        else { return }
        throw CommandFailure(
            .usage,
            "rounds is \(changed.rounds), but the run's cosine schedule was laid over \(plan.rounds) rounds; begin a new run"
        )
    }

    /// Refuses to go on with data that is not what the run was begun with: the model would be of neither.
    func check(_ record: RunRecord) throws {
        guard checkpoint != nil, let dataDigest, let now = record.data.sha256, now != dataDigest else { return }
        throw CommandFailure(
            .badData,
            "the data of \(record.data.set) is not what the run was begun with (SHA-256 \(now.prefix(12))…, then "
                + "\(dataDigest.prefix(12))…); bring the files back, or begin a new run")
    }

    /// Cuts the log off where it is damaged.
    func removeDamagedRounds() throws {
        try folder.removeDamagedRounds()
    }
}
