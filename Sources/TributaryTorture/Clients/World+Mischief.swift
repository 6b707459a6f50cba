import TributaryCore
import TributaryMath

/// What clients do that they should not.
extension World {
    /// What a client hands in for a task: an honest one always the same.
    func result(of task: TaskDescription, _ index: Int) -> (TaskResult, ArchivedUpdate?) {
        let client = clients[index]
        var draw = archive.stream("result", task.id, client.id)
        if task.id.kind == .measure { return (.measured(loss: draw.uniform() * 10), nil) }
        guard task.id.kind == .train else {
            let count = 1 + draw.uniform(below: 50)
            let evaluation = Evaluation(
                exampleCount: count, lossSum: draw.uniform() * 10, correctCount: draw.uniform(below: count + 1))
            return (.evaluated(evaluation, metrics: [:]), nil)
        }
        // Who does not say that it has added noise is taken for one that has not, sound as its update may be.
        let conceals = client.nature == .misshapen && task.localNoise != nil && draw.bernoulli(0.5)
        let update = (conceals ? nil : strangeUpdate(of: task, client)) ?? archive.make(task, client.id)
        var count = 1 + draw.uniform(below: min(task.exampleLimit, 1_000_000))
        if draw.uniform(below: 8) == 0 { count = task.exampleLimit }
        if client.nature == .weighty { count = [0, -5, task.exampleLimit + 1, Int.max][draw.uniform(below: 4)] }
        let outcome = TrainingOutcome(exampleCount: count, stepCount: 1, meanLoss: draw.uniform())
        let report = report(for: task, of: client)
        let trained = TrainedUpdate(
            blob: update.blob, outcome: outcome, method: report, localNoise: conceals ? nil : task.localNoise)
        return (.trained(trained), update)
    }

    private func strangeUpdate(of task: TaskDescription, _ client: ClientNode) -> ArchivedUpdate? {
        var draw = archive.stream("strange", task.id, client.id)
        var values = archive.make(task, client.id).values
        let place = draw.uniform(below: values.count)
        switch client.nature {
        case .notFinite: values[place] = draw.bernoulli(0.5) ? .nan : -.infinity
        case .exceeding:
            let bounds = [task.updateBound] + (task.method?.messageBounds ?? [])
            values[place] = Float(bounds[place / task.layout.count]) * 1.5
        case .misshapen:
            if draw.bernoulli(0.5) {
                let other: TensorEncoding = task.updateEncoding == .float32 ? .bfloat16 : .float32
                return archive.file(values, task.id, client.id, other)
            }
            // As plain numbers: compressed, more numbers may be the same bytes as those that are wanted.
            values.append(1)
            return archive.file(values, task.id, client.id, task.updateEncoding)
        default: return nil
        }
        return archive.file(values, task, client.id)
    }

    /// Whether a client takes a task and is not heard of for a while; what it had is lost with it.
    func vanishes(_ index: Int, _ task: TaskDescription) -> Bool {
        guard clients[index].nature == .silent, stream.bernoulli(0.8) else { return false }
        counts.note("clients that vanished with a task")
        clients[index].disk.result = nil
        crashClient(index, for: stream.uniform() * 120)
        return true
    }

    /// Plans what the client sends besides.
    func plotMischief(_ task: TaskDescription, _ result: TaskResult, _ index: Int) {
        switch clients[index].nature {
        case .repeating:
            for _ in 0..<(1 + stream.uniform(below: 6)) { plot(.submit(task.id, result), index) }
        case .changing:
            guard case .trained(let trained) = result else { return }
            let other = archive.make(task, clients[index].id, variant: 1)
            plot(.upload(whole(other)), index)
            var changed = trained
            changed.blob = other.blob
            for _ in 0..<2 { plot(.submit(task.id, .trained(changed)), index) }
        case .late: plot(.submit(task.id, result), index)
        case .confused: plot(.submit(otherTask(than: task.id), result), index)
        case .hoarding:
            for _ in 0..<(1 + stream.uniform(below: 10)) { plot(.upload(unfinished(task)), index) }
        default: break
        }
    }

    private func plot(_ content: Request.Content, _ index: Int) {
        schedule(.mischief(index, content), after: .seconds(stream.uniform() * 60))
    }

    /// Sends what was planned, with the credential that the client has by now. Nobody waits for the answer.
    func makeMischief(_ index: Int, _ content: Request.Content) {
        guard !hasHealed, clients[index].process != nil else { return }
        counts.note("calls that should not have been made")
        if case .submit(let task, let result) = content { checks.willSend(result, task, clients[index].id) }
        nextRequest += 1
        let client = clients[index]
        deliver(
            Request(
                number: nextRequest, sender: index, generation: client.generation, client: client.id,
                credential: client.disk.credential, content: content))
    }

    private func otherTask(than task: TaskID) -> TaskID {
        var other = task
        switch stream.uniform(below: 4) {
        case 0: other.round = RoundNumber(max(1, task.round.rawValue - 1))
        case 1: other.round = task.round.next
        case 2: other.run = scenario.runs[stream.uniform(below: scenario.runs.count)].id
        default: other.kind = task.kind == .train ? .evaluate : .train
        }
        return other
    }

    private func whole(_ update: ArchivedUpdate) -> Upload {
        Upload(
            digest: update.blob.digest, bytes: update.bytes, offset: 0, byteCount: update.bytes.count, cutAfter: nil,
            pieceInterval: 1_000_000, pieceLength: max(1, update.bytes.count))
    }

    private func unfinished(_ task: TaskDescription) -> Upload {
        let vectors = 1 + (task.method?.messageBounds.count ?? 0)
        let count = vectors * task.layout.count * task.updateEncoding.bytesPerElement
        let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
        return Upload(
            digest: .sha256(of: bytes), bytes: bytes, offset: 0, byteCount: count, cutAfter: count / 2,
            pieceInterval: 1_000_000, pieceLength: max(1, count / 3))
    }
}
