public import TributaryMath

/// What happened. Facts about a task say which one they mean; those about another than the one at hand change nothing.
extension ClientSession {
    /// The client has a credential from before a restart, good until the given instant.
    public mutating func restored(credentialEnds: Instant, at now: Instant) {
        guard credentialEnds > now else { return }
        isRegistered = true
        planRenewal(lifetime: now.duration(to: credentialEnds), at: now)
    }

    /// A result from before a restart waits to be handed in. It goes on with its upload: the server knows how much of
    /// it has arrived.
    public mutating func restored(_ finished: FinishedTask, closesAt: Instant) {
        hold(finished)
        self.closesAt = closesAt
    }

    /// The server knows the client. One that has no task polls within the server's window.
    public mutating func registered(
        credentialLifetime: Duration, retry: RetryWindow, at now: Instant, stream: inout RandomStream
    ) {
        isRegistered = true
        hasReachedServer = true
        failures = 0
        notBefore = now
        planRenewal(lifetime: credentialLifetime, at: now)
        learn(retry)
        if stage == .idle { notBefore = instant(in: retry, after: now, &stream) }
    }

    /// The credential was exchanged.
    public mutating func renewed(credentialLifetime: Duration, at now: Instant) {
        isRegistered = true
        planRenewal(lifetime: credentialLifetime, at: now)
    }

    /// There is no task for now.
    public mutating func nothingToDo(retry: RetryWindow, at now: Instant, stream: inout RandomStream) {
        reached()
        learn(retry)
        notBefore = instant(in: retry, after: now, &stream)
    }

    /// The device does not want to ask for tasks before the window.
    public mutating func held(back retry: RetryWindow, at now: Instant, stream: inout RandomStream) {
        notBefore = instant(in: retry, after: now, &stream)
    }

    /// The server gave a task.
    public mutating func given(_ task: TaskDescription, at now: Instant) {
        reached()
        stage = .downloading(task)
        damages = 0
        closesAt = now.advanced(by: task.timeLeft)
        lease = task.lease
    }

    /// The server gave a task that this client cannot read.
    public mutating func given(unreadable id: TaskID, _ failure: TaskFailure, at now: Instant) {
        reached()
        stage = .returning(id, failure)
        closesAt = now.advanced(by: .seconds(60))
    }

    /// Some bytes of a transfer arrived: what failed before them no longer counts.
    public mutating func progressed() {
        failures = 0
    }

    /// The task's model is there.
    public mutating func downloaded(for id: TaskID) {
        guard case .downloading(let task) = stage, task.id == id else { return }
        reached()
        stage = .working(task)
    }

    /// The work is done and what is needed to hand it in is kept.
    public mutating func worked(_ finished: FinishedTask) {
        guard case .working(let task) = stage, task.id == finished.id else { return }
        damages = 0
        hold(finished)
    }

    /// The client will not do the task: it failed, or was declined. A shell that declines may name a window before
    /// which it wants no other.
    public mutating func gaveUp(on id: TaskID, _ failure: TaskFailure) {
        guard task == id else { return }
        failures = 0
        stage = .returning(id, failure)
    }

    /// All bytes of the update are on the server's disk.
    public mutating func uploaded(for id: TaskID) {
        guard case .uploading(let finished) = stage, finished.id == id else { return }
        reached()
        stage = .submitting(finished)
    }

    /// The server answered the result, whatever it said, or took the task back: the task is over.
    public mutating func answered(
        for id: TaskID, retry: RetryWindow, at now: Instant, stream: inout RandomStream
    ) {
        guard task == id else { return }
        if case .returning = stage {} else { answeredTasks += 1 }
        reached()
        stage = .idle
        notBefore = instant(in: retry, after: now, &stream)
    }

    /// The server renewed the task's lease.
    public mutating func leaseRenewed(for id: TaskID, lease: Duration, timeLeft: Duration, at now: Instant) {
        guard task == id else { return }
        self.lease = lease
        closesAt = now.advanced(by: timeLeft)
    }

    /// The server says that the task is over. A result that is being handed in awaits its receipt all the same.
    public mutating func leaseLost(for id: TaskID) {
        guard task == id else { return }
        switch stage {
        case .idle, .submitting, .returning: break
        case .downloading, .working, .uploading:
            stage = .idle
            lost = id
        }
    }

    /// The client was asked to stop: after the task at hand the session is over.
    public mutating func stopRequested() {
        isStopping = true
    }

    /// How long to wait before the next heartbeat: a third of the lease.
    public var heartbeatInterval: Duration {
        min(max(lease / 3, .milliseconds(100)), .seconds(3_600))
    }

    private mutating func hold(_ finished: FinishedTask) {
        switch finished.result {
        case .trained: stage = .uploading(finished)
        case .evaluated, .measured: stage = .submitting(finished)
        }
    }

    private mutating func reached() {
        hasReachedServer = true
        failures = 0
        refusedCredentials = 0
        notBefore = .start
    }

    /// A window that begins at once is for clients that wait, and as wide as the server needs for all of them.
    private mutating func learn(_ window: RetryWindow) {
        if window.earliest <= .zero { spread = window.latest }
    }

    /// Renews when four fifths of a credential's life are over.
    private mutating func planRenewal(lifetime: Duration, at now: Instant) {
        renewAt = now.advanced(by: lifetime / 5 * 4)
    }
}
