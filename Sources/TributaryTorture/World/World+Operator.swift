import TributaryCore
import TributaryMath
import TributaryStore
import TributaryWire

/// The operator: creates runs, watches them, and changes their course.
extension World {
    /// Writes a run's first model and creates the run; tries again until it is there.
    func create(_ index: Int) {
        let run = scenario.runs[index]
        guard checks.runs[run.id] == nil else { return }
        schedule(.creates(index), after: .seconds(20))
        guard let process = coordinator.process, coordinator.pause == nil, !process.isClosing else { return }
        guard let row = row(of: run, process) else { return afterCoordinator() }
        order(.create(row))
        afterCoordinator()
    }

    private func row(of run: Scenario.Run, _ process: CoordinatorProcess) -> RunRow? {
        var draw = Seed(run.plan.seed).derived("initial").stream()
        let values = (0..<run.parameterCount).map { _ in Float(draw.uniform() - 0.5) }
        let bytes = TensorEncoding.float32.encoded(values)
        do {
            let writer = try process.store.makeBlob()
            try bytes.withUnsafeBytes { try writer.append($0) }
            let (digest, byteCount) = try writer.finish()
            let model = TensorBlob(digest: digest, byteCount: byteCount, encoding: .float32)
            checks.plans(run, initial: values)
            return RunRow(
                id: run.id, plan: run.plan.text, target: run.target,
                tensors: [TensorShape(name: "w", shape: [run.parameterCount])], initialModel: model,
                isTestedHere: run.plan.stop.accuracy != nil, createdAt: coordinator.instant(at: now))
        } catch {
            return nil
        }
    }

    /// Sends an operator's call, over the network or from beside the coordinator.
    func order(_ content: Request.Content, isHeardAtOnce: Bool = false) {
        nextRequest += 1
        let request = Request(number: nextRequest, sender: nil, generation: 0, content: content)
        operations[request.number] = request
        if isHeardAtOnce { schedule(.arrives(request), after: 1000) } else { deliver(request) }
    }

    func receive(_ reply: Reply, toOperator number: UInt64) {
        guard let request = operations.removeValue(forKey: number) else { return }
        guard case .watch(let run, _) = request.content, case .answer(.run(let status)) = reply else { return }
        if status.row.status == .active || status.row.status == .paused {
            schedule(.trouble(.watch(run, status.revision)), after: .seconds(stream.uniform()))
        }
    }

    /// Something that an operator might do.
    func orderAnything(isHeardAtOnce: Bool = false) {
        let known = scenario.runs.filter { checks.runs[$0.id] != nil }
        guard !known.isEmpty else { return }
        let run = known[stream.uniform(below: known.count)].id
        counts.note("operators' orders")
        order(anyOrder(to: run), isHeardAtOnce: isHeardAtOnce)
    }

    private func anyOrder(to run: RunID) -> Request.Content {
        switch stream.uniform(below: 10) {
        case 0...3: return .pause(run)
        case 4...7: return .resume(run)
        case 8: return .watch(run, revision: 0)
        default:
            // A stop is for good: early ones seldom, or little else would happen.
            let isLate = (checks.runs[run]?.lastRound.rawValue ?? 0) > 1
            return stream.bernoulli(isLate ? 0.5 : 0.05) ? .stop(run) : .resume(run)
        }
    }
}
