import TributaryCore
import TributaryMath

/// A client's process: it asks its session what to do next, does it, and tells what came of it.
extension World {
    func startClient(_ index: Int, _ generation: Int) {
        guard clients[index].generation == generation, clients[index].process == nil else { return }
        clients[index].generation += 1
        let now = clients[index].instant(at: now)
        var session = ClientSession()
        let disk = clients[index].disk
        if disk.credential != nil { session.restored(credentialEnds: disk.credentialEnds, at: now) }
        if let result = disk.result {
            coverage.note(.session, session.stage.name, "restored")
            session.restored(result.finished, closesAt: result.closesAt)
        }
        clients[index].process = ClientNode.Process(session: session)
        drive(index)
    }

    /// The process dies; its disk stays. It is started again after a while.
    func crashClient(_ index: Int, for seconds: Double) {
        guard clients[index].process != nil else { return }
        clients[index].process = nil
        clients[index].generation += 1
        var offset = clients[index].offset
        jumpClock(&offset)
        clients[index].offset = offset
        schedule(.clientStarts(index, generation: clients[index].generation), after: .seconds(seconds))
    }

    func wake(_ index: Int, _ generation: Int, _ instant: Nanoseconds) {
        let event = Event.wakes(index, generation: generation, instant)
        guard isRunning(index, generation, or: event), clients[index].process?.wakesAt == instant else { return }
        clients[index].process?.wakesAt = nil
        drive(index)
    }

    /// Whether the process runs; if it is paused, `event` happens after the pause.
    func isRunning(_ index: Int, _ generation: Int, or event: Event) -> Bool {
        guard clients[index].generation == generation, clients[index].process != nil else { return false }
        guard clients[index].pause == nil else {
            clients[index].pause?.append(event)
            return false
        }
        return true
    }

    /// Does the session's steps until one has to be waited for.
    func drive(_ index: Int) {
        guard clients[index].pause == nil else { return sleep(index, until: now) }
        while clients[index].process != nil, clients[index].process?.pending == nil,
            clients[index].process?.worksOn == nil
        {
            let instant = clients[index].instant(at: now)
            guard let step = clients[index].process?.session.step(at: instant) else { return }
            guard perform(step, index, at: instant) else { return }
        }
    }

    /// Does one step; false if the next has to wait.
    private func perform(_ step: ClientSession.Step, _ index: Int, at instant: Instant) -> Bool {
        switch step {
        case .wait(let until):
            sleep(index, until: now + max(1_000_000, instant.duration(to: until).nanoseconds))
            return false
        case .register: send(.register(registration(of: index)), from: index)
        case .renew: send(.renew(freshCredential()), from: index)
        case .poll: send(.poll(.seconds(stream.uniform() * 30)), from: index)
        case .download(let task):
            startBeating(index, task.id)
            if vanishes(index, task) { return false }
            send(.download(task.model.digest), from: index)
        case .work(let task): begin(task, index)
        case .upload(let finished): upload(finished, index)
        case .submit(let finished): send(.submit(finished.id, finished.result), from: index)
        case .giveBack(let task, let failure): send(.giveBack(task, failure.cause.dropCause), from: index)
        case .forget(let task):
            if clients[index].disk.result?.finished.id == task { clients[index].disk.result = nil }
        case .end:
            // Whoever looks after the client starts it again.
            crashClient(index, for: 1 + stream.uniform() * 20)
            return false
        }
        return true
    }

    private func sleep(_ index: Int, until instant: Nanoseconds) {
        guard clients[index].process != nil else { return }
        clients[index].process?.wakesAt = instant
        schedule(.wakes(index, generation: clients[index].generation, instant), after: instant - now)
    }

    private func registration(of index: Int) -> CoordinatorMachine.Registration {
        let client = clients[index]
        return CoordinatorMachine.Registration(
            id: client.id, description: client.description, key: client.disk.key, credential: freshCredential())
    }

    private func freshCredential() -> BlobDigest {
        nextRequest += 1
        return .sha256(of: Array("credential \(seed) \(nextRequest)".utf8))
    }

    // MARK: Work

    /// Trains, or scores; a client that is not honest does what it does.
    private func begin(_ task: TaskDescription, _ index: Int) {
        clients[index].process?.worksOn = task.id
        checks.working(on: task.id, clients[index])
        var seconds = stream.uniform() * scenario.longestWork
        switch clients[index].nature {
        case .stalling: seconds = 100_000
        case .late: seconds = task.timeLeft.inSeconds + stream.uniform() * 60
        default: break
        }
        schedule(.worked(index, generation: clients[index].generation, task.id), after: .seconds(seconds))
    }

    func worked(_ index: Int, _ generation: Int, _ id: TaskID) {
        guard isRunning(index, generation, or: .worked(index, generation: generation, id)),
            clients[index].process?.worksOn == id
        else { return }
        clients[index].process?.worksOn = nil
        if case .working(let task)? = clients[index].process?.session.stage, task.id == id {
            finish(task, index)
        }
        drive(index)
    }

    private func finish(_ task: TaskDescription, _ index: Int) {
        let client = clients[index].id
        if clients[index].nature == .failing {
            coverage.note(.session, "working", "gave up")
            clients[index].process?.session.gaveUp(on: task.id, TaskFailure(.failed, "it does not work"))
            return
        }
        let (result, update) = result(of: task, index)
        let finished = FinishedTask(id: task.id, result: result)
        let closesAt = clients[index].process?.session.closesAt ?? .start
        clients[index].disk.result = (finished, update, closesAt)
        clients[index].process?.isFresh = true
        coverage.note(.session, "working", "worked")
        clients[index].process?.session.worked(finished)
        checks.willSend(result, task.id, client)
        plotMischief(task, result, index)
    }

    // MARK: Heartbeats

    private func startBeating(_ index: Int, _ task: TaskID) {
        guard clients[index].process?.beatsFor != task else { return }
        clients[index].process?.beatsFor = task
        scheduleBeat(index, task)
    }

    private func scheduleBeat(_ index: Int, _ task: TaskID) {
        let interval = clients[index].process?.session.heartbeatInterval.nanoseconds ?? .seconds(1)
        schedule(.beats(index, generation: clients[index].generation, task), after: interval)
    }

    func beat(_ index: Int, _ generation: Int, _ task: TaskID) {
        guard isRunning(index, generation, or: .beats(index, generation: generation, task)) else { return }
        guard clients[index].process?.session.task == task else {
            if clients[index].process?.beatsFor == task { clients[index].process?.beatsFor = nil }
            return
        }
        let number = send(.heartbeat(task), from: index, isHeartbeat: true)
        clients[index].process?.heartbeat = (number, task)
        scheduleBeat(index, task)
    }

    // MARK: Calls

    /// Sends a call on its way, and sees to it that somebody notices if no answer comes.
    @discardableResult
    func send(_ content: Request.Content, from index: Int, isHeartbeat: Bool = false) -> UInt64 {
        nextRequest += 1
        let client = clients[index]
        let request = Request(
            number: nextRequest, sender: index, generation: client.generation, client: client.id,
            credential: client.disk.credential, content: content)
        if !isHeartbeat {
            clients[index].process?.pending = ClientNode.Pending(
                number: request.number, call: content.call, credential: content.offeredCredential)
        }
        deliver(request)
        if !isHeartbeat {
            let patience = content.isTransfer ? 60 + stream.uniform() * 60 : 60
            schedule(.expires(index, request.number, generation: client.generation), after: .seconds(patience))
        }
        return request.number
    }

    func deliver(_ request: Request) {
        for delay in network.deliveries(.up, request.sender, at: now, &stream, &counts) {
            schedule(.arrives(request), after: delay)
        }
    }

    func expire(_ number: UInt64, _ index: Int, _ generation: Int) {
        guard clients[index].process?.pending?.number == number else { return }
        receive(.broken, to: number, index, generation)
    }
}

extension TaskFailure.Cause {
    fileprivate var dropCause: DropCause {
        switch self {
        case .failed: .failed
        case .declined: .declined
        case .noData: .noData
        }
    }
}

extension Request.Content {
    /// The call as a session knows it.
    fileprivate var call: ClientCall {
        switch self {
        case .register: .register
        case .renew: .renew
        case .heartbeat: .heartbeat
        case .submit: .submit
        case .giveBack: .giveBack
        case .download: .download
        case .uploadState, .upload: .upload
        case .poll, .leave, .create, .pause, .resume, .stop, .watch: .poll
        }
    }

    /// The credential that is good once the call is answered.
    fileprivate var offeredCredential: BlobDigest? {
        switch self {
        case .register(let registration): registration.credential
        case .renew(let credential): credential
        default: nil
        }
    }

    fileprivate var isTransfer: Bool {
        switch self {
        case .download, .upload: true
        default: false
        }
    }
}
