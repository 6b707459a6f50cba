import TributaryCore
import TributaryStore

/// The bytes of models and updates: what clients fetch, and what arrives of what they send.
extension World {
    func download(_ digest: BlobDigest, _ request: Request, _ process: CoordinatorProcess) {
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

    func uploadState(_ digest: BlobDigest, _ request: Request, _ process: CoordinatorProcess) {
        guard process.machine.mayAsk(request.client) else { return reply(.forbidden, to: request) }
        do {
            let upload = UploadID(client: request.client, digest: digest)
            let stored = try process.store.byteCount(of: digest)
            reply(.arrived(try stored ?? process.store.uploadOffset(upload)), to: request)
        } catch {
            reply(.broken, to: request)
        }
    }

    func beginUpload(_ upload: Upload, _ request: Request, _ process: CoordinatorProcess) {
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
            checks.uploadBegins(id, upload, at: writer.offset, world: self)
            guard writer.offset == upload.offset else {
                let offset = writer.offset
                writer.suspend()
                return reply(.goesOn(offset), to: request)
            }
            process.transferCount += 1
            let transfer = Transfer(
                number: process.transferCount, upload: upload, request: request, epoch: coordinator.epoch)
            process.transfers[transfer.number] = writer
            schedule(.piece(transfer, sent: 0), after: upload.pieceInterval)
        } catch {
            reply(.broken, to: request)
        }
    }

    /// The next piece of an upload arrives, or its connection breaks, or it is at its end.
    func pieceArrives(_ transfer: Transfer, _ sent: Int) {
        guard coordinator.epoch == transfer.epoch, let process = coordinator.process,
            let writer = process.transfers[transfer.number]
        else { return }
        guard !isDeferred(.piece(transfer, sent: sent)) else { return }
        defer { afterCoordinator() }
        let (upload, request) = (transfer.upload, transfer.request)
        let isAlive =
            request.sender.map { clients[$0].generation == request.generation && clients[$0].process != nil } ?? true
        let left = upload.bytes.count - upload.offset - sent
        let length = min(left, upload.pieceLength, upload.cutAfter.map { max($0 - sent, 0) } ?? left)
        do {
            if length > 0, isAlive {
                let start = upload.offset + sent
                try upload.bytes[start..<(start + length)].withUnsafeBytes { try writer.append($0) }
                checks.arrived(transfer.id, writer.offset, world: self)
            }
            if !isAlive || upload.cutAfter.map({ sent + length >= $0 }) ?? false {
                end(transfer, process)
                return reply(.broken, to: request)
            }
            guard sent + length < upload.bytes.count - upload.offset else {
                return try finish(writer, transfer, process)
            }
            schedule(.piece(transfer, sent: sent + length), after: upload.pieceInterval)
        } catch {
            end(transfer, process)
            reply(.broken, to: request)
        }
    }

    private func end(_ transfer: Transfer, _ process: CoordinatorProcess) {
        process.transfers.removeValue(forKey: transfer.number)?.suspend()
    }

    private func finish(
        _ writer: any UploadWriter, _ transfer: Transfer, _ process: CoordinatorProcess
    ) throws(StoreError) {
        let end = try writer.finish()
        let offset = writer.offset
        self.end(transfer, process)
        switch end {
        case .stored: reply(.stored, to: transfer.request)
        case .wrongDigest:
            checks.refusedBytes(of: transfer.id)
            reply(.wrongDigest, to: transfer.request)
        case .incomplete: reply(.goesOn(offset), to: transfer.request)
        }
    }
}

/// The bytes of one upload on one connection: a request that arrives twice has two of them.
struct Transfer {
    let number: Int
    let upload: Upload
    let request: Request
    /// The start of the coordinator's process that takes them.
    let epoch: Int

    /// What the store knows the upload by.
    var id: UploadID { UploadID(client: request.client, digest: upload.digest) }
}
