import TributaryCore
import TributaryMath
import TributaryStore

/// How the coordinator's process starts, dies and goes down.
extension World {
    /// Starts the process: opens the stores, reads the ledger, and goes on where it was. What it finds is compared with
    /// what it had promised.
    func startCoordinator() {
        guard coordinator.process == nil else { return }
        coordinator.epoch += 1
        coordinator.disk.start()
        if hasHealed == false, stream.bernoulli(faults.crashInRecovery) {
            coordinator.disk.endProcess(after: stream.uniform(below: 600))
        }
        do throws(StoreError) {
            let store = try FolderBlobStore(path: CoordinatorNode.blobFolder, files: coordinator.disk.files)
            let ledger = try SimulatedLedger(
                path: CoordinatorNode.ledgerFile, files: coordinator.disk.files, archive: coordinator.archive)
            checks.recovered(ledger.contents, world: self)
            let now = coordinator.instant(at: now)
            let (machine, actions) = CoordinatorMachine.recovering(
                ledger.contents.image, settings: scenario.settings, at: now)
            let process = CoordinatorProcess(
                machine, store, ledger,
                keepsWhatIsNamed: scenario.settings.keepsUpdates || machine.hasLeftOutRuns)
            coordinator.process = process
            noteRuns("recovered", process)
            perform(actions)
            scheduleSweep()
            afterCoordinator()
        } catch {
            // The disk refused, or the process died on the way: whoever supervises it tries again.
            crashCoordinator(withMachine: stream.bernoulli(faults.powerLoss))
        }
    }

    /// What follows every event of the coordinator's: it may have died in it, it may have more to do, and it must be in
    /// order.
    func afterCoordinator() {
        guard let process = coordinator.process else { return }
        if coordinator.disk.isDown { return crashCoordinator(withMachine: stream.bernoulli(faults.powerLoss)) }
        armTimer(process)
        checks.inspect(process.machine, at: coordinator.instant(at: now), world: self)
        meddle(process)
        if process.isClosing, !process.machine.isBusy, process.lanes.count == 0 { stopCoordinator() }
    }

    /// An operator may say something at any moment, and a process may be told to go down at any. Most moments find runs idle or
    /// at work; those in which they are on the way from one to the other are short, and told the more often.
    private func meddle(_ process: CoordinatorProcess) {
        guard faults.meddling > 0 else { return }
        let isInPassing = scenario.runs.contains { process.machine.place(of: $0.id)?.isInPassing ?? false }
        guard stream.bernoulli(min(1, faults.meddling * (isInPassing ? 10 : 1))) else { return }
        orderAnything(isHeardAtOnce: isInPassing)
        if stream.bernoulli(0.02), faults.restartInterval != nil {
            schedule(.trouble(.coordinatorRestart), after: 1000)
        }
    }

    private func armTimer(_ process: CoordinatorProcess) {
        guard let next = process.machine.nextDeadline else { return }
        let delay = max(0, coordinator.instant(at: now).duration(to: next).nanoseconds)
        let instant = now + delay
        if let armed = process.armed, armed <= instant { return }
        process.armed = instant
        schedule(.timer(epoch: coordinator.epoch, instant), after: delay)
    }

    /// The process dies at once. With its machine, so does what was not synchronised.
    func crashCoordinator(withMachine: Bool) {
        counts.note(withMachine ? "coordinator's machine lost power" : "coordinator's process killed")
        coordinator.process = nil
        coordinator.epoch += 1
        coordinator.pause = nil
        if withMachine {
            coordinator.disk.crash()
            checks.lostPower(self)
        } else {
            coordinator.disk.endProcess()
        }
        jumpClock(&coordinator.offset)
        schedule(.coordinatorStarts(epoch: coordinator.epoch), after: .seconds(0.05 + stream.uniform() * 10))
    }

    /// Begins to go down: calls that wait are sent away, what was begun comes to its end.
    func closeCoordinator() {
        guard let process = coordinator.process, !process.isClosing else { return }
        counts.note("graceful restarts")
        process.isClosing = true
        noteRuns("closing", process)
        perform(process.machine.closing(at: coordinator.instant(at: now)))
        afterCoordinator()
    }

    private func stopCoordinator() {
        coordinator.disk.endProcess()
        coordinator.process = nil
        coordinator.epoch += 1
        schedule(.coordinatorStarts(epoch: coordinator.epoch), after: .seconds(0.05 + stream.uniform() * 5))
    }

    /// A process that starts may find its clock set anew.
    func jumpClock(_ offset: inout Nanoseconds) {
        guard stream.bernoulli(faults.clockJump) else { return }
        counts.note("clock jumps")
        let jump = Nanoseconds.seconds(stream.uniform() * 3600)
        offset = stream.bernoulli(0.5) ? jump : -jump
    }
}

extension Duration {
    /// Whole nanoseconds, rounded up; at most 30 years.
    var nanoseconds: Nanoseconds {
        let (seconds, attoseconds) = components
        guard seconds < 1_000_000_000 else { return .seconds(1e9) }
        return seconds * 1_000_000_000 + (attoseconds + 999_999_999) / 1_000_000_000
    }
}

extension CoordinatorMachine.RunPlace {
    /// Whether the run will soon be elsewhere.
    fileprivate var isInPassing: Bool {
        ["opening", "making", "ending", "scoring", "closing"].contains(stage) || phase == .draining
    }
}
