import TributaryCore
import TributaryMath

/// What happens in the world, and what the machine wants done about it.
extension CoordinatorWorld {
    mutating func happen(_ event: Event) {
        switch event {
        case .act(let action, let begun):
            guard begun == epoch else { return }
            if stream.bernoulli(faults.crash) { return crash() }
            act(action)
        case .poll(let client):
            let wait = Duration.seconds(stream.uniform() * 20)
            let energy = EnergyStatement(region: client.rawValue % 2 == 0 ? "a" : "b")
            perform(
                machine.polled(
                    by: client, waiting: wait, abilities: [.losses, .ownModels], energy: energy,
                    call: call(.poll(client)), at: now))
        case .submit(let client, let task):
            submit(task, by: client)
        case .heartbeat(let client, let task):
            _ = machine.heartbeat(from: client, task: task, at: now)
        case .watch(let revision):
            let call = call(.watch)
            perform(machine.watching(Self.run, known: revision, waiting: .seconds(25), call: call, at: now))
        case .time:
            nextTime = nil
            perform(machine.timeAdvanced(to: now))
        }
        checkBounds()
    }

    private mutating func submit(_ task: TaskDescription, by client: ClientID) {
        if stream.bernoulli(faults.failedTask) {
            perform(machine.gaveBack(task.id, by: client, cause: .failed, call: call(.poll(client)), at: now))
            return
        }
        let result: TaskResult
        if task.id.kind == .train {
            let count = stream.bernoulli(faults.badUpdate) ? 0 : 1 + Int(client.rawValue % 50)
            var blob = UpdateBlob(Self.blob(named: Self.name(task.id, client)))
            blob.encoding = encoding
            // A method's messages follow it.
            blob.byteCount *= 1 + (task.method?.messageBounds.count ?? 0)
            var update = TrainedUpdate(
                blob: blob,
                outcome: TrainingOutcome(
                    exampleCount: count, stepCount: 1, meanLoss: Double(client.rawValue % 7) / 10),
                method: Self.report(for: task, client))
            if task.asksForTimes { update.times = WorkTimes(training: 0.5) }
            result = .trained(update)
        } else if task.id.kind == .measure {
            result = .measured(loss: stream.bernoulli(faults.badUpdate) ? .nan : Double(client.rawValue % 7))
        } else {
            result = .evaluated(
                Evaluation(exampleCount: 10, lossSum: 1, correctCount: Int(client.rawValue % 10)), metrics: [:],
                own: Self.ownScore(for: task, client))
        }
        perform(machine.submitted(result, for: task.id, by: client, call: call(.submit(client, task)), at: now))
    }

    private mutating func act(_ action: CoordinatorAction) {
        switch action {
        case .persist(let batch, let token): persist(batch, token)
        case .answer(let call, let answer): receive(answer, of: call)
        case .check(let check):
            perform(machine.updateChecked(check, verdict(of: check), at: now))
        case .recall(let call, let task, let client):
            let isThere = ledger.contributions(to: task).contains { $0.client == client }
            perform(machine.recalled(call, isThere: isThere))
        case .makeModel(let order):
            checkOrder(order)
            let made = ModelResult.made(Self.model(from: order), state: Self.state(from: order), stepNorm: 1)
            let result = stream.bernoulli(faults.storageFailure) ? ModelResult.failed("no room") : made
            perform(machine.modelMade(result, for: order.run, order.round, at: now))
        case .examine(let run, let model):
            perform(machine.modelExamined(model, .whole, for: run, at: now))
        case .score(let run, let round, _):
            perform(machine.scored(nil, for: run, round, at: now))
        case .publish(_, let end): published.append(end)
        case .discard(let digests):
            for digest in digests where isNeeded(digest) { violations.append("a blob in use was removed") }
            decoded.subtract(digests)
            machine.discarded(digests)
        case .prune(let run, let round): while ledger.prune(run, before: round, limit: 3) == 3 {}
        case .publishStatus, .discardUploads, .note: break
        }
    }

    /// A compressed update is stored as numbers before it is sound, and may be gone again before its numbers have a name.
    private mutating func verdict(of check: UpdateCheck) -> UpdateVerdict {
        if stream.bernoulli(faults.badUpdate) { return .refused(.notFinite) }
        guard check.blob.encoding.plain == nil else { return .sound(norm: 1) }
        if let known = check.decoded, decoded.contains(known.numbers.digest) { return .sound(norm: known.norm) }
        let numbers = Self.numbers(of: check.blob)
        decoded.insert(numbers.digest)
        return .decoded(DecodedUpdate(numbers: numbers, norm: 1))
    }

    private mutating func persist(_ batch: [LedgerEntry], _ token: PersistToken) {
        if stream.bernoulli(faults.storageFailure) {
            return perform(machine.persistFailed(token, "no room", at: now))
        }
        for case .contribution(let row) in batch where row.decoded.map({ !decoded.contains($0.digest) }) ?? false {
            violations.append("\(row.task) of \(row.client) counts, and its numbers are gone")
        }
        do {
            try ledger.apply(batch)
        } catch {
            violations.append("\(error.task) of \(error.client) was recorded twice")
        }
        checkPrivacy()
        // The machine may die after the disk has the batch and before it hears of it.
        if stream.bernoulli(faults.crash) { return crash() }
        perform(machine.persisted(token, at: now))
    }

    private mutating func receive(_ answer: CoordinatorAnswer, of call: CallID) {
        guard let kind = calls.removeValue(forKey: call) else {
            return violations.append("a call was answered twice")
        }
        checkPromise(answer, kind)
        switch (kind, answer) {
        case (.register(let client), _): schedule(.poll(client), after: stream.uniform())
        case (.poll(let client), .task(let task)): work(client, on: task)
        case (.poll(let client), .noTask(let retry)): schedule(.poll(client), after: pick(retry))
        case (.poll(let client), _): schedule(.poll(client), after: 1)
        case (.submit(let client, let task), .receipt):
            if stream.bernoulli(faults.lostAnswer) { return schedule(.submit(client, task), after: 1) }
            schedule(.poll(client), after: 0)
        case (.submit(let client, let task), _): schedule(.submit(client, task), after: 1 + stream.uniform())
        case (.watch, .run(let status)): schedule(.watch(status.revision), after: 0.01)
        case (.watch, _), (.other, _): break
        }
    }

    private mutating func work(_ client: ClientID, on task: TaskDescription) {
        checkTask(task, of: client)
        checkPersonal(task, of: client)
        if stream.bernoulli(faults.silentClient) { return schedule(.poll(client), after: 200) }
        let time = stream.uniform() * 30
        if time > 10 { schedule(.heartbeat(client, task.id), after: 10) }
        schedule(.submit(client, task), after: time)
    }

    /// The coordinator dies: what was not on disk is lost, and so are calls; clients come back by themselves.
    private mutating func crash() {
        epoch += 1
        crashes += 1
        let lost = calls
        calls = [:]
        nextTime = nil
        queue.removeAll { if case .time = $0.event { true } else { false } }
        let (recovered, actions) = CoordinatorMachine.recovering(ledger.image, settings: settings, at: now)
        machine = recovered
        perform(actions)
        for call in lost.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            switch call.value {
            case .poll(let client), .register(let client): schedule(.poll(client), after: stream.uniform() * 5)
            case .submit(let client, let task): schedule(.submit(client, task), after: stream.uniform() * 5)
            case .watch: schedule(.watch(0), after: stream.uniform() * 5)
            case .other: break
            }
        }
    }
}
