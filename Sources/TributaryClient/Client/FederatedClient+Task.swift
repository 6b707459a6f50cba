import Synchronization
import TributaryCore
import TributaryWire

extension FederatedClient {
    /// Does a task from where it is to its end, with heartbeats beside it.
    func carry(out id: TaskID) async throws {
        let progress = TaskProgress()
        do {
            try await withThrowingTaskGroup { group in
                group.addTask {
                    try await self.work(on: id, progress)
                    return true
                }
                group.addTask { try await self.keepAlive(id, progress) }
                defer { group.cancelAll() }
                // Only a lease that is lost cuts the work short: whoever ends the task still has to tidy up after it.
                while let isEnd = try await group.next() { if isEnd { break } }
            }
        } catch {
            // Work on a task that is over is cut short; that is no failure.
            let isOver = course.withLock { $0.session.task != id }
            guard isOver, !Task.isCancelled, error is CancellationError || error is ClientError else { throw error }
        }
    }

    private func work(on id: TaskID, _ progress: TaskProgress) async throws {
        var receiver: TaskReceiver?
        var given = GivenModel()
        while let step = nextStep(of: id) {
            try Task.checkCancellation()
            try await keepIdentity()
            switch step {
            case .download(let task):
                var target = receiver ?? TaskReceiver(task, server: coordinator.transport.server)
                let start = clock.now
                let isThere = try await download(task, into: &target)
                noteTime(since: start, at: \.download)
                receiver = isThere ? nil : target
                if isThere {
                    given = GivenModel(weights: target.model, sent: target.vectors)
                    tell { session, _, _ in session.downloaded(for: id) }
                }
            case .work(let task):
                let model = given
                given = GivenModel()
                try await work(on: task, from: model, progress)
            case .upload(let finished): try await upload(finished)
            case .submit(let finished): try await submit(finished)
            case .giveBack(_, let failure): try await giveBack(id, failure)
            case let other: guard try await perform(other) else { return }
            }
        }
    }

    /// The next step if the task is still at hand.
    private func nextStep(of id: TaskID) -> ClientSession.Step? {
        course.withLock { $0.session.task == id ? $0.session.step(at: clock.now) : nil }
    }

    /// Renews the task's lease until the task is over. True if the server said so, which cuts the work short.
    private func keepAlive(_ id: TaskID, _ progress: TaskProgress) async throws -> Bool {
        while true {
            let interval = course.withLock { $0.session.heartbeatInterval }
            try await clock.sleep(until: clock.now.advanced(by: interval), for: .heartbeat)
            // While the trainer is at work nobody else looks after the credential. Nothing here needs the disk: what
            // fails beside the work must not end it.
            let upkeep = course.withLock { course -> ClientSession.Step? in
                guard case .working = course.session.stage else { return nil }
                return course.session.upkeep(at: clock.now)
            }
            if let upkeep { _ = try await perform(upkeep) }
            do {
                let answer = try await coordinator.heartbeat(id, progress: progress.fraction, credential)
                let isLost = tell { session, now, _ in Self.take(answer, for: id, &session, now) }
                if isLost { return true }
            } catch let error as ClientError {
                tell(error, of: .heartbeat)
            }
            guard course.withLock({ $0.session.task == id }) else { return false }
        }
    }

    /// Takes a heartbeat's answer; true if it ends the task.
    private static func take(
        _ answer: WireHeartbeatResponse, for id: TaskID, _ session: inout ClientSession, _ now: Instant
    ) -> Bool {
        guard session.task == id else { return false }
        guard answer.goesOn else {
            session.leaseLost(for: id)
            return session.task != id
        }
        func duration(_ milliseconds: UInt64) -> Duration {
            .milliseconds(min(milliseconds, UInt64(WireLimits.milliseconds)))
        }
        session.leaseRenewed(
            for: id, lease: duration(answer.leaseMs), timeLeft: duration(answer.timeLeftMs), at: now)
        return false
    }

    private func submit(_ finished: FinishedTask) async throws {
        let start = clock.now
        let answer: WireSubmitResponse
        let receipt: TaskReceipt
        do {
            answer = try await coordinator.submit(withTimes(finished), credential)
            receipt = TaskReceipt(try Self.verdict(answer), isDuplicate: answer.isDuplicate)
        } catch let error as ClientError {
            return tell(error, of: .submit)
        }
        try await forgetResult(wasAccepted: receipt.verdict == .accepted)
        tell { $0.answered(for: finished.id, retry: RetryWindow(answer.retry), at: $1, stream: &$2) }
        observer.observed(.receipt(finished.id, receipt, start.duration(to: clock.now)))
    }

    private static func verdict(_ answer: WireSubmitResponse) throws -> RoundMachine.Answer {
        do {
            return try RoundMachine.Answer(answer)
        } catch {
            throw ClientError(
                .malformed, "the receipt cannot be read (\(error.message))", failure: .transient(nil))
        }
    }

    private func giveBack(_ id: TaskID, _ failure: TaskFailure) async throws {
        let own = course.withLock { course in
            defer { course.declined = nil }
            return course.declined
        }
        do {
            let answer = try await coordinator.giveBack(id, failure, credential)
            try await forgetResult()
            let retry = RetryWindow(answer.retry).later(own)
            tell { $0.answered(for: id, retry: retry, at: $1, stream: &$2) }
            observer.observed(.gaveBack(id, failure))
        } catch let error as ClientError {
            course.withLock { $0.declined = own }
            tell(error, of: .giveBack)
        }
    }
}

extension RetryWindow {
    /// Both ends no sooner than another window's.
    fileprivate func later(_ other: RetryWindow?) -> RetryWindow {
        guard let other else { return self }
        return RetryWindow(earliest: max(earliest, other.earliest), latest: max(latest, other.latest))
    }
}
