import Testing
import TributaryCore

/// What a client may begin to upload, and what becomes of it.
@Suite struct UploadBoundTests {
    private static func digest(_ number: Int) -> BlobDigest { CoordinatorWorld.digest(UInt64(1_000_000 + number)) }

    private static func discarded(_ actions: [CoordinatorAction]) -> (uploads: Set<BlobDigest>, blobs: Set<BlobDigest>)
    {
        var (uploads, blobs): (Set<BlobDigest>, Set<BlobDigest>) = ([], [])
        for action in actions {
            if case .discardUploads(_, let digests) = action { uploads.formUnion(digests) }
            if case .discard(let digests) = action { blobs.formUnion(digests) }
        }
        return (uploads, blobs)
    }

    @Test func aClientBeginsFewUploadsForATask() {
        var bench = MachineBench { $0.uploadsPerTask = 3 }
        let client = bench.begin(clients: 2)[0]
        let answers = (0..<10_000).map { bench.upload(Self.digest($0), by: client) }
        #expect(answers.prefix(3).allSatisfy { $0 == .welcome })
        let areRefused = answers.dropFirst(3).allSatisfy { if case .tooMany(3, _) = $0 { true } else { false } }
        #expect(areRefused)
        // Those that were begun go on, and one of them may count.
        #expect(bench.upload(Self.digest(2), by: client) == .welcome)
        #expect(
            bench.submit(Self.digest(2), by: client, round: 1) == .receipt(.accepted, isDuplicate: false, retry: .now))
    }

    @Test func whatDidNotCountIsRemovedWithTheNextTask() {
        var bench = MachineBench { $0.uploadsPerTask = 3 }
        let clients = bench.begin(clients: 2)
        for number in 0..<3 { _ = bench.upload(Self.digest(number), by: clients[0]) }
        bench.submit(Self.digest(1), by: clients[0], round: 1)
        bench.submit(Self.digest(9), by: clients[1], round: 1)
        for client in clients { bench.poll(client) }
        #expect(Self.discarded(bench.takeDone()).uploads == [])
        // The same bytes may be an update of the next round as well, and are kept.
        #expect(bench.upload(Self.digest(0), by: clients[0]) == .welcome)
        let (uploads, blobs) = Self.discarded(bench.takeDone())
        #expect(uploads == [Self.digest(2)])
        #expect(blobs == [Self.digest(2)])
        for number in 20..<22 { #expect(bench.upload(Self.digest(number), by: clients[0]) == .welcome) }
        #expect(bench.upload(Self.digest(22), by: clients[0]) != .welcome)
    }

    @Test func whatIsNeededIsNotRemoved() {
        var bench = MachineBench()
        let clients = bench.begin(clients: 2)
        let model = CoordinatorWorld.blob(named: 0).digest
        // A client may name any digest as its own: that of the model, or that of another's update.
        for digest in [model, Self.digest(9), Self.digest(0)] { _ = bench.upload(digest, by: clients[0]) }
        bench.submit(Self.digest(1), by: clients[0], round: 1)
        bench.submit(Self.digest(2), by: clients[1], round: 1)
        for client in clients { bench.poll(client) }
        _ = bench.upload(Self.digest(9), by: clients[1])
        bench.submit(Self.digest(9), by: clients[1], round: 2)
        _ = bench.takeDone()
        _ = bench.upload(Self.digest(30), by: clients[0])
        #expect(Self.discarded(bench.takeDone()).blobs == [Self.digest(0)])
    }

    @Test func whereAllIsKeptNoBlobIsRemoved() {
        var bench = MachineBench { $0.keepsUpdates = true }
        let clients = bench.begin(clients: 1)
        _ = bench.upload(Self.digest(0), by: clients[0])
        bench.submit(Self.digest(1), by: clients[0], round: 1)
        bench.poll(clients[0])
        _ = bench.upload(Self.digest(2), by: clients[0])
        let (uploads, blobs) = Self.discarded(bench.takeDone())
        #expect(uploads == [Self.digest(0)])
        #expect(blobs == [])
    }

    @Test func aClientThatLeavesLeavesNothingBehind() {
        var bench = MachineBench()
        let clients = bench.begin(clients: 2)
        _ = bench.upload(Self.digest(0), by: clients[0])
        bench.tell { machine, call, _ in machine.leaving(clients[0], call: call) }
        #expect(Self.discarded(bench.takeDone()).uploads == [Self.digest(0)])
    }

    @Test func nothingButTheTasksUpdateIsTaken() {
        var bench = MachineBench()
        let clients = bench.begin(clients: 2)
        #expect(bench.machine.mayAsk(clients[0]))
        var machine = bench.machine
        #expect(machine.uploading(Self.digest(0), byteCount: 17, by: clients[0]).answer == .wrongSize(16))
        #expect(machine.uploading(Self.digest(0), byteCount: 16, by: ClientID(77)).answer == .notExpected)
        bench.submit(Self.digest(1), by: clients[0], round: 1)
        #expect(bench.upload(Self.digest(2), by: clients[0]) == .notExpected)
        #expect(!bench.machine.mayAsk(clients[0]))
    }
}
