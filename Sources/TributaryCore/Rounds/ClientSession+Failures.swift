public import TributaryMath

/// How a call or transfer failed, as far as it matters to what comes next.
public enum CallFailure: Hashable, Sendable {
    /// It may work later: no connection, no answer, a server that is busy. The server may have said when.
    case transient(RetryWindow?)
    /// The server does not know the caller.
    case unauthenticated
    /// What was asked will not be done, however often it is asked.
    case refused
    /// The server wants no bytes of the task's any more, or gives none: its round is over, as far as the server knows.
    case over
    /// Bytes that should be on the server are not there.
    case missing
    /// Bytes arrived, but not the right ones.
    case damaged
    /// Nothing the client does will work until somebody changes something. Ends a client that has never reached its
    /// server; one that has goes on trying, since its settings were right once: it may be behind a captive portal, or
    /// the server's certificate may be about to be renewed.
    case hopeless
}

/// What was being done when something failed.
public enum ClientCall: String, Hashable, Sendable, CaseIterable {
    /// Registration.
    case register
    /// The renewal of the credential.
    case renew
    /// Asking for a task.
    case poll
    /// A heartbeat.
    case heartbeat
    /// Fetching a model.
    case download
    /// Sending an update.
    case upload
    /// Handing a result in.
    case submit
    /// Giving a task back.
    case giveBack
}

extension ClientSession {
    /// A call or transfer failed. What follows from it is in the steps to come.
    public mutating func failed(
        _ call: ClientCall, _ failure: CallFailure, at now: Instant, stream: inout RandomStream
    ) {
        // A heartbeat is repeated in its own time, beside whatever is being done.
        if call == .heartbeat {
            if failure == .unauthenticated { isRegistered = false }
            return
        }
        switch failure {
        case .hopeless where hasReachedServer: retry(call, within: nil, at: now, &stream)
        case .hopeless: end = .failed
        case .unauthenticated: credentialRefused(by: call, at: now, &stream)
        case .transient(let window): retry(call, within: window, at: now, &stream)
        case .missing, .damaged, .refused, .over: refused(call, failure, at: now, &stream)
        }
    }

    private mutating func credentialRefused(by call: ClientCall, at now: Instant, _ stream: inout RandomStream) {
        isRegistered = false
        refusedCredentials += 1
        // A registration that is itself refused needs another join token; a server that takes none of its own
        // credentials needs help.
        if call == .register || refusedCredentials > patience.credentialAttempts { end = .failed }
        if refusedCredentials > 1 { backOff(at: now, &stream) }
    }

    private mutating func refused(
        _ call: ClientCall, _ failure: CallFailure, at now: Instant, _ stream: inout RandomStream
    ) {
        switch (call, stage) {
        case (.renew, _):
            isRegistered = false
        case (.download, .downloading(let task)) where failure == .damaged:
            damaged(task.id, .download, at: now, &stream)
        case (.upload, .uploading(let finished)) where failure == .damaged:
            damaged(finished.id, .upload, at: now, &stream)
        case (.submit, .submitting(let finished)) where failure == .missing:
            // The server has lost the bytes, or never had them all: send what is missing.
            stage = .uploading(finished)
            damaged(finished.id, .upload, at: now, &stream)
        case (.upload, .uploading(let finished)) where failure == .over:
            // The receipt says what has become of the round.
            stage = .submitting(finished)
        case (.download, .downloading(let task)) where failure == .over:
            stage = .idle
            lost = task.id
            backOff(at: now, &stream)
        case (.download, .downloading(let task)):
            gaveUp(on: task.id, Self.failure(of: call))
        case (.upload, .uploading(let finished)), (.submit, .submitting(let finished)):
            gaveUp(on: finished.id, Self.failure(of: call))
        case (.giveBack, .returning(let id, _)):
            stage = .idle
            lost = id
            backOff(at: now, &stream)
        case (.register, _), (.poll, _):
            end = .failed
        default:
            backOff(at: now, &stream)
        }
    }

    /// The task's bytes arrived damaged: once more, unless that was tried often enough.
    private mutating func damaged(_ id: TaskID, _ call: ClientCall, at now: Instant, _ stream: inout RandomStream) {
        damages += 1
        backOff(at: now, &stream)
        if damages >= patience.transferAttempts { gaveUp(on: id, Self.failure(of: call)) }
    }

    /// Tries again later.
    private mutating func retry(
        _ call: ClientCall, within window: RetryWindow?, at now: Instant, _ stream: inout RandomStream
    ) {
        failures += 1
        if let window {
            notBefore = instant(in: window, after: now, &stream)
        } else {
            notBefore = backoff(at: now, &stream)
        }
        switch (call, stage) {
        case (.register, _):
            if !hasReachedServer, let attempts = patience.registrationAttempts, failures >= attempts { end = .failed }
        case (.renew, _):
            renewAt = notBefore
            notBefore = now
        case (.giveBack, .returning(let id, _)) where failures >= 3:
            // The lease will tell the server just as well.
            stage = .idle
            lost = id
        default: break
        }
    }

    private mutating func backOff(at now: Instant, _ stream: inout RandomStream) {
        failures += 1
        notBefore = backoff(at: now, &stream)
    }

    /// Exponential backoff with full jitter: anywhere from nothing to twice the wait of the failure before. Idle clients
    /// that lose their server together come back spread as widely as it wants them, be it on their first attempt.
    private func backoff(at now: Instant, _ stream: inout RandomStream) -> Instant {
        let doubled = patience.firstBackoff.inSeconds * Double(1 << min(max(failures - 1, 0), 20))
        let width = stage == .idle ? max(doubled, spread.inSeconds) : doubled
        return now.advanced(by: .seconds(min(width, patience.longestBackoff.inSeconds) * stream.uniform()))
    }

    private static func failure(of call: ClientCall) -> TaskFailure {
        switch call {
        case .download: TaskFailure(.failed, "the model could not be fetched")
        case .upload: TaskFailure(.failed, "the update could not be sent")
        default: TaskFailure(.failed, "the result could not be handed in")
        }
    }
}
