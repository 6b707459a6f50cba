import TributaryCore
import TributaryMath
import TributaryStore

/// Calls that reach the coordinator: who may what, facts for the machine, and the bytes of uploads and downloads.
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
            perform(process.machine.polled(by: client, waiting: wait, call: call(request, process), at: now))
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
        case .create(let row): perform(process.machine.creating(row, call: call(request, process), at: now))
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

    // MARK: Bytes

    private func download(_ digest: BlobDigest, _ request: Request, _ process: CoordinatorProcess) {
        guard process.machine.mayRead(digest, request.client) else { return reply(.forbidden, to: request) }
        do {
            guard let reader = try process.store.open(digest) else { return reply(.notFound, to: request) }
            let count = reader.byteCount
            let end = network.cut(ofDownload: count, &stream, &counts) ?? count
            var bytes = [UInt8](repeating: 0, count: end)
            try bytes.withUnsafeMutableBytes { try reader.read(at: 0, into: $0) }
            reply(.model(bytes, isWhole: end == count), to: request)
        } catch {
            reply(.broken, to: request)
        }
    }

    private func uploadState(_ digest: BlobDigest, _ request: Request, _ process: CoordinatorProcess) {
        guard process.machine.mayAsk(request.client) else { return reply(.forbidden, to: request) }
        do {
            let upload = UploadID(client: request.client, digest: digest)
            let stored = try process.store.byteCount(of: digest)
            reply(.arrived(try stored ?? process.store.uploadOffset(upload)), to: request)
        } catch {
            reply(.broken, to: request)
        }
    }

    private func beginUpload(_ upload: Upload, _ request: Request, _ process: CoordinatorProcess) {
        let (answer, actions) = process.machine.uploading(
            upload.digest, byteCount: upload.byteCount, by: request.client)
        perform(actions)
        switch answer {
        case .welcome: break
        case .notExpected, .wrongSize: return reply(.forbidden, to: request)
        case .tooMany(_, let window):
            counts.note("uploads turned away")
            return reply(.answer(.refused(.unavailable("too many uploads", window))), to: request)
        }
        do {
            if try process.store.confirm(upload.digest) { return reply(.stored, to: request) }
            let id = UploadID(client: request.client, digest: upload.digest)
            let writer = try process.store.openUpload(id, byteCount: upload.byteCount)
            guard writer.offset == upload.offset else {
                let offset = writer.offset
                writer.suspend()
                return reply(.goesOn(offset), to: request)
            }
            process.uploads[request.number] = writer
            schedule(.piece(upload, request, sent: 0, epoch: coordinator.epoch), after: upload.pieceInterval)
        } catch {
            reply(.broken, to: request)
        }
    }

    /// The next piece of an upload arrives, or its connection breaks, or it is at its end.
    func pieceArrives(_ upload: Upload, _ request: Request, _ sent: Int, _ epoch: Int) {
        guard coordinator.epoch == epoch, let process = coordinator.process,
            let writer = process.uploads[request.number]
        else { return }
        guard !isDeferred(.piece(upload, request, sent: sent, epoch: epoch)) else { return }
        defer { afterCoordinator() }
        let isAlive =
            request.sender.map { clients[$0].generation == request.generation && clients[$0].process != nil } ?? true
        let left = upload.bytes.count - upload.offset - sent
        let length = min(left, upload.pieceLength, upload.cutAfter.map { max($0 - sent, 0) } ?? left)
        do {
            if length > 0, isAlive {
                let start = upload.offset + sent
                try upload.bytes[start..<(start + length)].withUnsafeBytes { try writer.append($0) }
            }
            if !isAlive || upload.cutAfter.map({ sent + length >= $0 }) ?? false {
                endUpload(request, process)
                return reply(.broken, to: request)
            }
            guard sent + length < upload.bytes.count - upload.offset else {
                return try finish(writer, request, process)
            }
            schedule(.piece(upload, request, sent: sent + length, epoch: epoch), after: upload.pieceInterval)
        } catch {
            endUpload(request, process)
            reply(.broken, to: request)
        }
    }

    private func endUpload(_ request: Request, _ process: CoordinatorProcess) {
        process.uploads.removeValue(forKey: request.number)?.suspend()
    }

    private func finish(
        _ writer: any UploadWriter, _ request: Request, _ process: CoordinatorProcess
    ) throws(StoreError) {
        switch try writer.finish() {
        case .stored:
            process.uploads[request.number] = nil
            reply(.stored, to: request)
        case .wrongDigest:
            process.uploads[request.number] = nil
            reply(.wrongDigest, to: request)
        case .incomplete:
            let offset = writer.offset
            endUpload(request, process)
            reply(.goesOn(offset), to: request)
        }
    }
}
