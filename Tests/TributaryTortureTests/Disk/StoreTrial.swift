import TributaryCore
import TributaryMath
import TributaryStore
import TributaryTesting
import TributaryTorture

/// A blob store on a disk that does everything wrong, and what it has promised.
struct StoreTrial {
    /// What a client uploads, and how it came along.
    private struct Sending {
        let id: UploadID
        let bytes: [UInt8]
        var writer: (any UploadWriter)?
        /// Whether a crash may have left other bytes than were sent.
        var isDoubtful = false
    }

    let disk: SimulatedDisk
    private var store: FolderBlobStore?
    private var stream: RandomStream
    private var now = 0.0
    /// Blobs that are there for good, and when they were last promised.
    private var promised: [BlobDigest: (bytes: [UInt8], at: Double)] = [:]
    private var sendings: [Sending] = []
    /// What did not hold.
    private(set) var violations: [String] = []

    init(_ seed: Seed) {
        stream = seed.derived("trial").stream()
        disk = SimulatedDisk(seed: seed.derived("disk"))
        sendings = (0..<4).map { _ in Self.sending(&stream) }
    }

    private static func sending(_ stream: inout RandomStream) -> Sending {
        let bytes = SampleBytes.random(stream.uniform(below: 600), seed: stream.next())
        let client = ClientID(UInt64(stream.uniform(below: 3)))
        return Sending(id: UploadID(client: client, digest: BlobDigest(of: bytes)), bytes: bytes)
    }

    /// Some of the faults, each with a likelihood of its own: what happens with all of them hides what happens with few.
    private static func faults(_ stream: inout RandomStream) -> DiskFaults {
        var faults = DiskFaults()
        let isIll = stream.bernoulli(0.8)
        for fault in [
            \DiskFaults.write, \.shortWrite, \.synchronise, \.open, \.name, \.read, \.disorder, \.slowSynchronise,
        ] {
            faults[keyPath: fault] = isIll && stream.bernoulli(0.5) ? 0.1 * stream.uniform() : 0
        }
        faults.forgetting = stream.uniform()
        guard stream.bernoulli(0.3) else { return faults }
        for fault in [\DiskFaults.rot, \.vanishing, \.misread, \.crashRot] where stream.bernoulli(0.5) {
            faults[keyPath: fault] = 0.05 * stream.uniform()
        }
        return faults
    }

    mutating func run(steps: Int) {
        restart()
        disk.faults = Self.faults(&stream)
        if stream.bernoulli(0.3) { disk.capacity = 500 + stream.uniform(below: 8000) }
        for _ in 0..<steps {
            now += stream.exponential(mean: 100)
            disk.advance(to: Instant(sinceStart: .seconds(now)))
            if !disk.isDown, stream.bernoulli(0.15) { disk.endProcess(after: stream.uniform(below: 30)) }
            step()
            if disk.isDown || stream.bernoulli(0.02) { restart() }
        }
        finish()
    }

    private mutating func violate(_ what: String) { violations.append(what) }

    private func path(of digest: BlobDigest) -> String { "/store/blobs/\(digest.rawValue.prefix(2))/\(digest)" }

    private func path(of upload: UploadID) -> String { "/store/uploads/\(upload.client.rawValue)-\(upload.digest)" }

    /// Takes note of a promise, if the process lived to give it.
    private mutating func promise(_ digest: BlobDigest, _ bytes: [UInt8], _ who: String) {
        if disk.isDown { return }
        promised[digest] = (bytes, now)
        if disk.durableContent(of: path(of: digest)) != bytes, !isRotten(digest) {
            violate("\(who): \(digest) is not on disk")
        }
    }

    private func isRotten(_ digest: BlobDigest) -> Bool {
        if disk.isRotten(path(of: digest)) { return true }
        return sendings.contains { $0.id.digest == digest && disk.isRotten(path(of: $0.id)) }
    }
}

// MARK: - What is done

extension StoreTrial {
    private mutating func step() {
        guard let store else { return }
        do {
            switch stream.uniform(below: 12) {
            case 0, 1: try write(store)
            case 2: try confirm(store)
            case 3: try remove(store)
            case 4: try sweep(store)
            case 5: try read(store)
            case 6: try look(store)
            default: try upload(store, stream.uniform(below: sendings.count))
            }
        } catch {
            // Whoever called hears of it. That it is one of the errors that stores throw is what counts.
            if !(error is StoreError) { violate("threw \(error)") }
        }
    }

    private mutating func write(_ store: FolderBlobStore) throws {
        let bytes =
            stream.bernoulli(0.3)
            ? sendings[stream.uniform(below: sendings.count)].bytes
            : SampleBytes.random(stream.uniform(below: 600), seed: stream.next())
        let writer = try store.makeBlob()
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + 1 + stream.uniform(below: 300))
            try writer.append(bytes[start..<end])
            start = end
        }
        let (digest, count) = try writer.finish()
        if digest != BlobDigest(of: bytes) || count != bytes.count { violate("written as \(digest), \(count) bytes") }
        promise(digest, bytes, "a written blob")
    }

    private mutating func someDigest() -> BlobDigest {
        let digests = promised.keys.sorted()
        if digests.isEmpty || stream.bernoulli(0.3) { return sendings[stream.uniform(below: sendings.count)].id.digest }
        return digests[stream.uniform(below: digests.count)]
    }

    private mutating func confirm(_ store: FolderBlobStore) throws {
        let digest = someDigest()
        let isThere = try store.confirm(digest)
        let known = promised[digest]?.bytes ?? sendings.first { $0.id.digest == digest }?.bytes
        if isThere, let known { promise(digest, known, "a confirmed blob") }
        if !isThere, !disk.isDown, promised[digest] != nil, !isRotten(digest) { violate("\(digest) is not confirmed") }
    }

    private mutating func remove(_ store: FolderBlobStore) throws {
        let digest = someDigest()
        promised[digest] = nil
        try store.remove(digest)
        if !disk.isDown, try store.byteCount(of: digest) != nil { violate("\(digest) was removed and is there") }
    }

    /// Sweeps as the coordinator does: what is old goes.
    private mutating func sweep(_ store: FolderBlobStore) throws {
        let age = 100 * stream.uniform() * 10
        for (digest, found) in try store.blobs() where found >= age {
            let known = promised.removeValue(forKey: digest)
            let isRemoved = try store.remove(digest, olderThan: age)
            if isRemoved, let known, now - known.at < age { violate("\(digest) was swept after \(now - known.at) s") }
            if !isRemoved, !disk.isDown { promised[digest] = known }
        }
        _ = try store.discardUploads(olderThan: 10 * age)
    }

    private mutating func read(_ store: FolderBlobStore) throws {
        let digest = someDigest()
        let bytes = try store.bytes(of: digest)
        guard let known = promised[digest]?.bytes, !disk.isDown, !isRotten(digest) else { return }
        if bytes != known { violate("\(digest) is read as \(bytes?.count ?? -1) other bytes") }
    }

    private mutating func look(_ store: FolderBlobStore) throws {
        let digest = someDigest()
        let isSound = try store.verify(digest)
        if isSound || disk.isDown { return }
        if promised[digest] != nil, !isRotten(digest) { violate("\(digest) is found damaged") }
        promised[digest] = nil
    }

    private mutating func upload(_ store: FolderBlobStore, _ place: Int) throws {
        let (id, bytes) = (sendings[place].id, sendings[place].bytes)
        let writer = try sendings[place].writer ?? store.openUpload(id, byteCount: bytes.count)
        sendings[place].writer = writer
        do {
            let offset = writer.offset
            try checkBeginning(place, offset)
            let end = stream.bernoulli(0.3) ? bytes.count : min(bytes.count, offset + stream.uniform(below: 300))
            if end > offset { try writer.append(bytes[offset..<end]) }
            guard end == bytes.count else {
                if stream.bernoulli(0.3) {
                    writer.suspend()
                    sendings[place].writer = nil
                }
                return
            }
            try conclude(writer, place)
        } catch {
            sendings[place].writer = nil
            throw error
        }
    }

    /// What has arrived is the beginning of what was sent.
    private mutating func checkBeginning(_ place: Int, _ offset: Int) throws {
        let sending = sendings[place]
        guard !disk.isDown, !sending.isDoubtful, !disk.isRotten(path(of: sending.id)) else { return }
        guard let found = disk.content(of: path(of: sending.id)), found.count >= offset else {
            // A second client's upload of the same bytes may share the file.
            return violate("upload \(sending.id.digest) stands at \(offset), beyond its file")
        }
        if !found[..<offset].elementsEqual(sending.bytes[..<min(offset, sending.bytes.count)]) {
            violate("upload \(sending.id.digest) has other bytes than were sent")
        }
    }

    private mutating func conclude(_ writer: any UploadWriter, _ place: Int) throws {
        let sending = sendings[place]
        switch try writer.finish() {
        case .stored:
            promise(sending.id.digest, sending.bytes, "an upload")
            if !disk.isDown, stream.bernoulli(0.7) { sendings[place] = Self.sending(&stream) }
            sendings[place].writer = nil
        case .wrongDigest:
            if !sending.isDoubtful, !isRotten(sending.id.digest) { violate("\(sending.id.digest) got another digest") }
            // What was of no use may be left if it could not be removed.
            sendings[place].isDoubtful = disk.content(of: path(of: sending.id))?.isEmpty == false
            sendings[place].writer = nil
        case .incomplete: violate("upload \(sending.id.digest) is incomplete at \(writer.offset)")
        }
    }
}

// MARK: - What happens

extension StoreTrial {
    /// The process ends, or the machine with it, and the next one starts.
    private mutating func restart() {
        for place in sendings.indices { sendings[place].writer = nil }
        store = nil
        for attempt in 0..<200 {
            // A disk that never lets a process start tells nothing.
            if attempt == 100 { disk.faults = DiskFaults() }
            if stream.bernoulli(0.5) { crash() }
            disk.start()
            checkAll()
            if attempt < 100, stream.bernoulli(0.2) { disk.endProcess(after: stream.uniform(below: 20)) }
            do {
                store = try FolderBlobStore(path: "/store", files: disk.files)
                if !disk.isDown { return }
            } catch {
                // The next attempt gets further.
                continue
            }
        }
        violate("no process could be started")
    }

    private mutating func crash() {
        disk.crash()
        for place in sendings.indices { sendings[place].isDoubtful = true }
    }

    private mutating func checkAll() {
        for (digest, blob) in promised where disk.content(of: path(of: digest)) != blob.bytes && !isRotten(digest) {
            violate("\(digest) is \(disk.content(of: path(of: digest)) == nil ? "gone" : "damaged") after a restart")
            promised[digest] = nil
        }
        for path in disk.paths where path.hasPrefix("/store/blobs/") {
            guard let bytes = disk.content(of: path), !disk.isRotten(path) else { continue }
            if !path.hasSuffix(BlobDigest(of: bytes).rawValue) { violate("\(path) holds something else") }
        }
    }

    /// On a disk that is well again everything comes to a good end.
    private mutating func finish() {
        (disk.faults, disk.capacity) = (DiskFaults(), .max)
        restart()
        guard let store else { return }
        for sending in sendings {
            do {
                var ends: [UploadEnd] = []
                while ends.count < 2, ends.last != .stored {
                    let writer = try store.openUpload(sending.id, byteCount: sending.bytes.count)
                    try writer.append(sending.bytes[writer.offset...])
                    ends.append(try writer.finish())
                }
                if ends.last != .stored { violate("an upload ended as \(ends)") }
                promise(sending.id.digest, sending.bytes, "the last upload")
            } catch {
                violate("the last upload threw \(error)")
            }
        }
    }
}
