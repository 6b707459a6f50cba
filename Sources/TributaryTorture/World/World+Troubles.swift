import TributaryCore
import TributaryMath

/// What befalls a world from outside.
enum Trouble {
    case coordinatorCrash
    case coordinatorRestart
    case clientCrash
    case pause
    /// The end of a client's pause, or with nil of the coordinator's.
    case pauseEnds(Int?)
    case partition
    case storm
    case fullDisk
    case roomOnDisk
    case order
    case watch(RunID, UInt64)
    /// The operator sees to it that no run stays paused.
    case supervision
}

extension World {
    /// Sets the first of each kind of trouble on its way, and gives the disk its faults.
    func scheduleTroubles() {
        coordinator.disk.faults = faults.disk
        again(.coordinatorCrash, every: faults.coordinatorCrashInterval)
        again(.coordinatorRestart, every: faults.restartInterval)
        again(.clientCrash, every: faults.clientCrashInterval)
        again(.pause, every: faults.pauseInterval)
        again(.partition, every: faults.partitionInterval)
        again(.storm, every: faults.stormInterval)
        again(.fullDisk, every: faults.fullDiskInterval)
        again(.order, every: faults.orderInterval)
        for run in scenario.runs where stream.bernoulli(0.3) {
            schedule(.trouble(.watch(run.id, 0)), after: .seconds(run.beginsAt + 1))
        }
    }

    private func again(_ trouble: Trouble, every interval: Double?) {
        guard let interval else { return }
        schedule(.trouble(trouble), after: .seconds(stream.exponential(mean: interval)))
    }

    func happen(_ trouble: Trouble) {
        if case .watch(let run, let revision) = trouble { return order(.watch(run, revision: revision)) }
        if case .supervision = trouble { return supervise() }
        guard !hasHealed else { return }
        switch trouble {
        case .coordinatorCrash:
            hitCoordinator()
            again(trouble, every: faults.coordinatorCrashInterval)
        case .coordinatorRestart:
            closeCoordinator()
            again(trouble, every: faults.restartInterval)
        case .clientCrash:
            counts.note("clients killed")
            crashClient(stream.uniform(below: clients.count), for: 0.1 + stream.exponential(mean: 20))
            again(trouble, every: faults.clientCrashInterval)
        case .pause:
            pauseSomebody()
            again(trouble, every: faults.pauseInterval)
        case .partition:
            partSomebody()
            again(trouble, every: faults.partitionInterval)
        case .storm:
            storm()
            again(trouble, every: faults.stormInterval)
        case .fullDisk:
            counts.note("full disks")
            coordinator.disk.capacity = coordinator.disk.usedByteCount + stream.uniform(below: 400)
            schedule(.trouble(.roomOnDisk), after: .seconds(stream.exponential(mean: 10)))
        case .roomOnDisk:
            coordinator.disk.capacity = .max
            again(.fullDisk, every: faults.fullDiskInterval)
        case .order:
            orderAnything()
            again(trouble, every: faults.orderInterval)
        case .pauseEnds(let client): endPause(of: client)
        case .watch, .supervision: break
        }
    }

    /// Kills the coordinator now, or a few operations of its disk later.
    private func hitCoordinator() {
        guard coordinator.process != nil else { return }
        if stream.bernoulli(faults.crashInDisk) {
            coordinator.disk.endProcess(after: 1 + stream.uniform(below: 40))
        } else {
            crashCoordinator(withMachine: stream.bernoulli(faults.powerLoss))
        }
    }

    private func pauseSomebody() {
        counts.note("pauses")
        let length = Nanoseconds.seconds(stream.bernoulli(0.1) ? stream.uniform() * 7200 : stream.uniform() * 60)
        if stream.bernoulli(0.3) {
            coordinator.pause = coordinator.pause ?? []
            schedule(.trouble(.pauseEnds(nil)), after: length)
        } else {
            let index = stream.uniform(below: clients.count)
            clients[index].pause = clients[index].pause ?? []
            schedule(.trouble(.pauseEnds(index)), after: length)
        }
    }

    /// A process goes on: all that has waited happens now, in no order.
    private func endPause(of client: Int?) {
        let events = (client.map { clients[$0].pause } ?? coordinator.pause) ?? []
        if let client { clients[client].pause = nil } else { coordinator.pause = nil }
        for event in events { schedule(event, after: Nanoseconds(stream.uniform(below: 1_000_000))) }
    }

    private func partSomebody() {
        counts.note("partitions")
        let end = now + .seconds(stream.exponential(mean: 30))
        let isOneWay = stream.bernoulli(faults.oneWayShare)
        let blocksUp = stream.bernoulli(0.5)
        let isForAll = stream.bernoulli(0.1)
        for index in isForAll ? clients.indices : singleClient() {
            network.part(index, until: end, isOneWay: isOneWay, blocksUp: blocksUp)
        }
    }

    private func singleClient() -> Range<Int> {
        let index = stream.uniform(below: clients.count)
        return index..<(index + 1)
    }

    /// All connections break at once: every client notices, and comes back.
    private func storm() {
        counts.note("reconnect storms")
        for index in clients.indices {
            guard let pending = clients[index].process?.pending else { continue }
            schedule(
                .replied(index, pending.number, generation: clients[index].generation, .broken),
                after: .seconds(stream.uniform() * 0.01))
        }
    }

    // MARK: Healing

    /// From now on nothing goes wrong and everybody does what it should.
    func heal() {
        hasHealed = true
        faults = FaultMix()
        network.heal()
        coordinator.disk.faults = DiskFaults()
        coordinator.disk.capacity = .max
        coordinator.disk.endProcess(after: nil)
        endPause(of: nil)
        for index in clients.indices {
            endPause(of: index)
            let wasStalled = clients[index].nature == .stalling || clients[index].nature == .late
            clients[index].nature = .honest
            // What it was up to is over; it begins anew.
            if wasStalled || clients[index].process == nil {
                clients[index].disk.result = nil
                crashClient(index, for: 1)
                clients[index].generation += 1
                schedule(.clientStarts(index, generation: clients[index].generation), after: .seconds(1))
            }
        }
        if coordinator.process == nil {
            schedule(.coordinatorStarts(epoch: coordinator.epoch), after: .seconds(0.1))
        }
        supervise()
    }

    /// Resumes whatever is paused or has failed, again and again: an order from before the healing may still come.
    private func supervise() {
        for run in scenario.runs where checks.runs[run.id]?.status == .paused || checks.runs[run.id]?.status == .failed
        {
            order(.resume(run.id))
        }
        schedule(.trouble(.supervision), after: .seconds(30))
    }
}
