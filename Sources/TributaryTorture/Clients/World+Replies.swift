import TributaryCore
import TributaryMath

/// What a client makes of the coordinator's answers: the facts that its session is told.
extension World {
    func receive(_ reply: Reply, to number: UInt64, _ index: Int, _ generation: Int) {
        let event = Event.replied(index, number, generation: generation, reply)
        guard isRunning(index, generation, or: event) else { return }
        if case .broken = reply {} else if hasHealed { clients[index].answersSinceHealing += 1 }
        if let beat = clients[index].process?.heartbeat, beat.number == number {
            clients[index].process?.heartbeat = nil
            receive(reply, toHeartbeatFor: beat.task, index)
            return drive(index)
        }
        guard let pending = clients[index].process?.pending, pending.number == number else { return }
        clients[index].process?.pending = nil
        take(reply, to: pending, index)
        drive(index)
    }

    private func receive(_ reply: Reply, toHeartbeatFor task: TaskID, _ index: Int) {
        switch reply {
        case .heartbeat(let answer) where answer.goesOn:
            tell(index, "lease renewed") { session, now, _ in
                session.leaseRenewed(for: task, lease: answer.lease, timeLeft: answer.timeLeft, at: now)
            }
        case .heartbeat:
            tell(index, "lease lost") { session, _, _ in session.leaseLost(for: task) }
            // Work that is cut short tells nobody of its end.
            if clients[index].process?.worksOn == task, clients[index].process?.session.task != task {
                clients[index].process?.worksOn = nil
            }
        case .unauthenticated: fail(.heartbeat, .unauthenticated, index)
        default: fail(.heartbeat, .transient(nil), index)
        }
    }

    /// Tells the session a fact.
    func tell(
        _ index: Int, _ fact: String, _ body: (inout ClientSession, Instant, inout RandomStream) -> Void
    ) {
        guard var session = clients[index].process?.session else { return }
        coverage.note(.session, session.stage.name, fact)
        var stream = clients[index].stream
        body(&session, clients[index].instant(at: now), &stream)
        clients[index].stream = stream
        clients[index].process?.session = session
    }

    func fail(_ call: ClientCall, _ failure: CallFailure, _ index: Int) {
        tell(index, "\(call.rawValue) failed: \(failure.name)") { session, now, stream in
            session.failed(call, failure, at: now, stream: &stream)
        }
    }

    private func take(_ reply: Reply, to pending: ClientNode.Pending, _ index: Int) {
        switch reply {
        case .answer(let answer): take(answer, to: pending, index)
        case .model(let bytes, let isWhole): take(model: bytes, isWhole, index)
        case .arrived(let offset): goOn(uploadingFrom: offset ?? 0, index)
        case .stored:
            guard case .uploading(let finished)? = clients[index].process?.session.stage else { return }
            tell(index, "uploaded") { session, _, _ in session.uploaded(for: finished.id) }
        case .goesOn(let offset): goOn(uploadingFrom: offset, index)
        case .wrongDigest: fail(.upload, .damaged, index)
        case .notFound: fail(pending.call, .missing, index)
        case .forbidden: fail(pending.call, [.upload, .download].contains(pending.call) ? .over : .refused, index)
        case .unauthenticated: fail(pending.call, .unauthenticated, index)
        case .broken: fail(pending.call, .transient(nil), index)
        case .heartbeat: break
        }
    }

    private func take(_ answer: CoordinatorAnswer, to pending: ClientNode.Pending, _ index: Int) {
        switch answer {
        case .registered(_, let lifetime, let retry):
            keep(pending.credential, for: lifetime, index)
            tell(index, "registered") { session, now, stream in
                session.registered(credentialLifetime: lifetime, retry: retry, at: now, stream: &stream)
            }
        case .renewed(let lifetime):
            keep(pending.credential, for: lifetime, index)
            tell(index, "renewed") { session, now, _ in session.renewed(credentialLifetime: lifetime, at: now) }
        case .left: break
        case .task(let task):
            checks.given(task, clients[index].id)
            tell(index, "given") { session, now, _ in session.given(task, at: now) }
        case .noTask(let retry):
            guard case .returning(let id, _)? = clients[index].process?.session.stage else {
                return tell(index, "nothing to do") { session, now, stream in
                    session.nothingToDo(retry: retry, at: now, stream: &stream)
                }
            }
            answered(id, retry, index)
        case .receipt(let receipt, _, let retry):
            guard case .submitting(let finished)? = clients[index].process?.session.stage else { return }
            checks.received(receipt, finished.id, clients[index])
            answered(finished.id, retry, index)
        case .run: break
        case .refused(let refusal): fail(pending.call, refusal.failure(of: pending.call), index)
        }
    }

    private func keep(_ credential: BlobDigest?, for lifetime: Duration, _ index: Int) {
        clients[index].disk.credential = credential
        clients[index].disk.credentialEnds = clients[index].instant(at: now).advanced(by: lifetime)
    }

    private func answered(_ id: TaskID, _ retry: RetryWindow, _ index: Int) {
        if clients[index].disk.result?.finished.id == id { clients[index].disk.result = nil }
        tell(index, "answered") { session, now, stream in
            session.answered(for: id, retry: retry, at: now, stream: &stream)
        }
    }

    private func take(model bytes: [UInt8], _ isWhole: Bool, _ index: Int) {
        guard case .downloading(let task)? = clients[index].process?.session.stage else { return }
        guard isWhole else {
            if !bytes.isEmpty { tell(index, "progressed") { session, _, _ in session.progressed() } }
            return fail(.download, .transient(nil), index)
        }
        guard BlobDigest.sha256(of: bytes) == task.model.digest else { return fail(.download, .damaged, index) }
        tell(index, "downloaded") { session, _, _ in session.downloaded(for: task.id) }
    }

    // MARK: Uploads

    /// Begins to send the update: one that an earlier process made may have arrived in part.
    func upload(_ finished: FinishedTask, _ index: Int) {
        guard case .trained(let trained) = finished.result else {
            return tell(index, "uploaded") { session, _, _ in session.uploaded(for: finished.id) }
        }
        if clients[index].nature == .absent {
            return tell(index, "uploaded") { session, _, _ in session.uploaded(for: finished.id) }
        }
        guard clients[index].process?.isFresh == true else {
            send(.uploadState(trained.blob.digest), from: index)
            return
        }
        clients[index].process?.isFresh = false
        sendBytes(from: 0, index)
    }

    private func goOn(uploadingFrom offset: Int, _ index: Int) {
        guard case .uploading? = clients[index].process?.session.stage else { return }
        let setbacks = clients[index].process?.setbacks ?? 0
        clients[index].process?.setbacks = setbacks + 1
        guard setbacks < 4 else {
            clients[index].process?.setbacks = 0
            return fail(.upload, .transient(nil), index)
        }
        sendBytes(from: offset, index)
    }

    private func sendBytes(from offset: Int, _ index: Int) {
        guard let update = clients[index].disk.result?.update else { return }
        var bytes = update.bytes
        if clients[index].nature == .garbling, !bytes.isEmpty { bytes[stream.uniform(below: bytes.count)] ^= 0x40 }
        var upload = Upload(
            digest: update.blob.digest, bytes: bytes, offset: min(offset, bytes.count), byteCount: bytes.count,
            cutAfter: nil, pieceInterval: 0, pieceLength: 1)
        network.shape(&upload, &stream, &counts)
        send(.upload(upload), from: index)
    }
}

extension CallFailure {
    fileprivate var name: String {
        switch self {
        case .transient: "transient"
        case .unauthenticated: "unauthenticated"
        case .refused: "refused"
        case .over: "over"
        case .missing: "missing"
        case .damaged: "damaged"
        case .hopeless: "hopeless"
        }
    }
}

extension CallRefusal {
    /// What a refusal means to a client: as the protocol's codes say it.
    fileprivate func failure(of call: ClientCall) -> CallFailure {
        switch self {
        case .unknownClient: .unauthenticated
        case .nameTaken, .unknownRun, .runExists, .badPlan: .refused
        case .tooOld, .runEnded: .refused
        case .updateMissing: call == .submit ? .missing : .refused
        case .unavailable(_, let window), .closing(let window): .transient(window)
        case .displaced: .transient(nil)
        }
    }
}
