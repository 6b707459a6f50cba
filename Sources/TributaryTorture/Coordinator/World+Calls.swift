import TributaryCore
import TributaryMath
import TributaryStore

/// Calls that reach the coordinator: who may what, and facts for the machine.
extension World {
    func arrive(_ request: Request) {
        guard coordinator.process != nil else {
            // Nobody listens: the connection is refused, which the asker learns soon.
            return reply(.broken, to: request)
        }
        guard !isDeferred(.arrives(request)), let process = coordinator.process else { return }
        serve(request, process)
        afterCoordinator()
    }

    private func serve(_ request: Request, _ process: CoordinatorProcess) {
        let now = coordinator.instant(at: now)
        if request.sender != nil, !isOpen(request.content) {
            let isKnown =
                request.credential.map { process.machine.authenticate(request.client, credential: $0, at: now) }
                ?? false
            guard isKnown else { return reply(.unauthenticated, to: request) }
        }
        let client = request.client
        switch request.content {
        case .register(let registration):
            perform(process.machine.registering(registration, call: call(request, process), at: now))
        case .renew(let credential):
            perform(process.machine.renewing(client, credential: credential, call: call(request, process), at: now))
        case .leave:
            perform(process.machine.leaving(client, call: call(request, process)))
        case .poll(let wait):
            noteRuns("polled", process)
            // Some are too old for that while things go wrong.
            let abilities: TaskNeeds = hasHealed || (request.sender ?? 0) % 5 != 4 ? [.noise, .losses] : .losses
            perform(
                process.machine.polled(
                    by: client, waiting: wait, abilities: abilities, call: call(request, process), at: now))
        case .heartbeat(let task):
            note("heartbeat", task.run, process)
            reply(.heartbeat(process.machine.heartbeat(from: client, task: task, at: now)), to: request)
        case .submit(let task, let result):
            note("submitted", task.run, process)
            perform(
                process.machine.submitted(result, for: task, by: client, call: call(request, process), at: now))
        case .giveBack(let task, let cause):
            note("gave back", task.run, process)
            perform(
                process.machine.gaveBack(task, by: client, cause: cause, call: call(request, process), at: now))
        case .download(let digest): download(digest, request, process)
        case .uploadState(let digest): uploadState(digest, request, process)
        case .upload(let upload): beginUpload(upload, request, process)
        case .create, .pause, .resume, .stop, .watch: serveOperator(request, process)
        }
    }

    private func serveOperator(_ request: Request, _ process: CoordinatorProcess) {
        let now = coordinator.instant(at: now)
        switch request.content {
        case .create(let row):
            perform(
                process.machine.creating(
                    row, noiseKey: Scenario.Run.noiseKey(of: row.id, seed: seed), call: call(request, process), at: now)
            )
        case .pause(let run):
            note("paused", run, process)
            perform(process.machine.pausing(run, call: call(request, process), at: now))
        case .resume(let run):
            note("resumed", run, process)
            perform(process.machine.resuming(run, call: call(request, process), at: now))
        case .stop(let run):
            note("stopped", run, process)
            perform(process.machine.stopping(run, call: call(request, process), at: now))
        case .watch(let run, let revision):
            perform(
                process.machine.watching(
                    run, known: revision, waiting: .seconds(20), call: call(request, process), at: now))
        default: preconditionFailure("a client's call among the operator's")
        }
    }

    private func isOpen(_ content: Request.Content) -> Bool {
        if case .register = content { true } else { false }
    }

    private func call(_ request: Request, _ process: CoordinatorProcess) -> CallID {
        process.nextCall += 1
        let call = CallID(rawValue: process.nextCall)
        process.calls[call] = request
        return call
    }

    /// Sends an answer on its way.
    func reply(_ reply: Reply, to request: Request) {
        let ways = network.deliveries(.down, request.sender, at: now, &stream, &counts)
        for delay in ways {
            schedule(
                .replied(request.sender, request.number, generation: request.generation, reply), after: delay)
        }
    }
}
