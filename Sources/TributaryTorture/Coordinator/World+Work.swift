import TributaryAggregation
import TributaryCore
import TributaryMath
import TributaryStore

/// What the coordinator's machine wants done, and what came of it.
extension World {
    /// Does at once what takes no time, and queues the rest in the product's own order.
    func perform(_ actions: [CoordinatorAction]) {
        guard let process = coordinator.process else { return }
        for action in actions {
            switch action {
            case .answer(let call, let answer): self.answer(call, answer, process)
            case .publish(let run, let end): checks.published(run, end)
            case .publishStatus, .note: break
            case .persist, .check, .recall, .makeModel, .examine, .score, .discard, .discardUploads, .prune:
                if let ready = process.lanes.add(action) { begin(ready) }
            }
        }
    }

    func begin(_ action: CoordinatorAction) {
        schedule(.work(action, epoch: coordinator.epoch), after: .seconds(stream.uniform() * 0.02))
    }

    private func answer(_ call: CallID, _ answer: CoordinatorAnswer, _ process: CoordinatorProcess) {
        guard let request = process.calls.removeValue(forKey: call) else {
            return checks.violated("answers", "a call was answered twice: \(answer)")
        }
        trace.note(request.number)
        checks.answered(request, answer, world: self)
        reply(.answer(answer), to: request)
    }

    /// Does a piece of work. What came of it is told a little later: other things happen in between.
    func work(on action: CoordinatorAction, _ process: CoordinatorProcess) {
        switch action {
        case .persist(let batch, let token):
            process.batches.append((batch, token, action))
            guard !process.isFlushDue else { return }
            process.isFlushDue = true
            schedule(.flush(epoch: coordinator.epoch), after: .seconds(stream.uniform() * 0.03))
        case .check(let check):
            let verdict = UpdateChecker(store: process.store).check(check)
            tell(.checked(check, verdict, action))
        case .recall(let call, let task, let client):
            let contents = process.ledger.contents
            let isThere =
                switch task.kind {
                case .train: contents.contribution(to: task, by: client) != nil
                case .evaluate: contents.evaluation(of: task, by: client) != nil
                case .measure: false
                }
            tell(.recalled(call, isThere: isThere, action))
        case .makeModel(let order):
            checks.ordered(order)
            var limits = ModelMaker.Limits()
            limits.tileLength = 1 + stream.uniform(below: 16)
            limits.concurrentReads = 1
            let result = ModelMaker(store: process.store, limits: limits).make(order)
            tell(.modelMade(result, order, action))
        case .examine(let run, let model):
            tell(.examined(model, ModelExaminer(store: process.store).examine(model), run, action))
        case .score(let run, let round, let model):
            // A test set takes longer than a write.
            tell(.scored(score(of: model), run, round, action), within: 5)
        case .discard(let digests):
            checks.removing(digests, "a discard")
            // A blob that cannot be removed is the sweep's.
            for digest in digests { try? process.store.remove(digest) }
            tell(.discarded(digests, action))
        case .discardUploads(let client, let digests):
            for digest in digests { try? process.store.discardUpload(UploadID(client: client, digest: digest)) }
            tell(.done(action))
        case .prune(let run, let round): prune(run, before: round, action, process)
        case .answer, .publish, .publishStatus, .note:
            preconditionFailure("what takes no time was queued")
        }
    }

    /// A score that follows from the model's digest; now and then there is none.
    private func score(of model: TensorBlob) -> Score? {
        let number = UInt64(model.digest.bytes[0]) * 256 + UInt64(model.digest.bytes[1])
        if number % 11 == 0 { return nil }
        return Score(exampleCount: 100, loss: 1, accuracy: Double(number % 101) / 100)
    }

    func tell(_ fact: CoordinatorFact, within seconds: Double = 0.05) {
        let delay = Nanoseconds.seconds(stream.uniform() * seconds) + coordinator.disk.takeDelay().nanoseconds
        schedule(.fact(fact, epoch: coordinator.epoch), after: delay)
    }

    /// Writes all batches that wait, with one wait for the disk.
    func flush(_ process: CoordinatorProcess) {
        process.isFlushDue = false
        let group = process.batches
        process.batches = []
        guard !group.isEmpty else { return }
        checks.committing(group.map(\.batch))
        for item in group { _ = process.ledger.begin(item.batch) }
        let outcomes = process.ledger.flush().map(\.result)
        // Whoever died in between has told nobody.
        guard !coordinator.disk.isDown else { return }
        checks.committed(outcomes, world: self)
        for (batch, outcome) in zip(group, outcomes) {
            switch outcome {
            case .success: tell(.persisted(batch.token, batch.action))
            case .failure(let error): tell(.persistFailed(batch.token, error.description, batch.action))
            }
        }
    }

    /// Tells the machine what came of a piece of work, and begins what waited behind it.
    func take(_ fact: CoordinatorFact, _ process: CoordinatorProcess) {
        let now = coordinator.instant(at: now)
        switch fact {
        case .persisted(let token, _):
            note("persisted", token.run, process)
            perform(process.machine.persisted(token, at: now))
        case .persistFailed(let token, let reason, _):
            note("persist failed", token.run, process)
            perform(process.machine.persistFailed(token, reason, at: now))
        case .checked(let check, let verdict, _):
            note("checked: \(verdict.name)", check.task.run, process)
            perform(process.machine.updateChecked(check, verdict, at: now))
        case .recalled(let call, let isThere, _):
            perform(process.machine.recalled(call, isThere: isThere))
        case .modelMade(let result, let order, _):
            note("model: \(result.name)", order.run, process)
            perform(process.machine.modelMade(result, for: order.run, order.round, at: now))
        case .examined(let model, let condition, let run, _):
            note("examined: \(condition.name)", run, process)
            perform(process.machine.modelExamined(model, condition, for: run, at: now))
        case .scored(let score, let run, let round, _):
            note("scored", run, process)
            perform(process.machine.scored(score, for: run, round, at: now))
        case .discarded(let digests, _): process.machine.discarded(digests)
        case .done: break
        }
        if let next = process.lanes.done(fact.action) { begin(next) }
    }

    func timeAdvances(_ process: CoordinatorProcess, armed instant: Nanoseconds) {
        guard process.armed == instant else { return }
        process.armed = nil
        noteRuns("time", process)
        perform(process.machine.timeAdvanced(to: coordinator.instant(at: now)))
    }

    // MARK: What is exercised

    func note(_ fact: String, _ run: RunID?, _ process: CoordinatorProcess) {
        guard let run, let place = process.machine.place(of: run) else { return }
        // Where the model moves as updates come, training goes on beside the only round that there is, the last evaluation.
        guard place.busyCount == nil else { return coverage.note(.buffer, place.stage, fact) }
        coverage.note(.run, place.stage, fact)
        if let phase = place.phase { coverage.note(.round, "\(phase)", fact) }
    }

    func noteRuns(_ fact: String, _ process: CoordinatorProcess) {
        for run in scenario.runs { note(fact, run.id, process) }
    }
}

extension UpdateVerdict {
    fileprivate var name: String {
        switch self {
        case .sound: "sound"
        case .decoded: "decoded"
        case .refused: "refused"
        case .missing: "missing"
        case .failed: "failed"
        }
    }
}

extension ModelCondition {
    fileprivate var name: String {
        switch self {
        case .whole: "whole"
        case .damaged: "damaged"
        case .unknown: "unknown"
        }
    }
}

extension ModelResult {
    fileprivate var name: String {
        switch self {
        case .made: "made"
        case .damagedContributions: "damaged contributions"
        case .damagedBase: "damaged base"
        case .failed: "failed"
        }
    }
}
