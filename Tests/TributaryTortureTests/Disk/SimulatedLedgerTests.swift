import Testing
import TributaryCore
import TributaryMath
import TributaryStore
import TributaryTesting
import TributaryTorture

struct SimulatedLedgerTests {
    private static let path = "/ledger"

    private static func open(_ disk: SimulatedDisk, _ archive: LedgerArchive) throws(StoreError) -> SimulatedLedger {
        try SimulatedLedger(path: path, files: disk.files, archive: archive)
    }

    @Test("It means what the contents of a ledger mean, conflicts included", arguments: TestSeeds.first(50))
    func meaning(seed: Seed) throws {
        var stream = seed.stream()
        let (disk, archive) = (SimulatedDisk(seed: seed), LedgerArchive())
        var ledger = try Self.open(disk, archive)
        var oracle = LedgerContents()
        var expected: [Int: Bool] = [:]
        for batch in SampleLedger.history(seed: stream.next(), count: 100) {
            let isTaken = (try? oracle.apply(batch)) != nil
            expected[ledger.begin(batch)] = isTaken
            guard stream.bernoulli(0.5) else { continue }
            for (ticket, result) in ledger.flush() {
                #expect(expected[ticket] == ((try? result.get()) != nil))
                expected[ticket] = nil
                if case .failure(let error) = result { #expect(error.code == .conflict) }
            }
            #expect(!ledger.isWaiting && expected.isEmpty)
            #expect(ledger.contents == oracle)
            #expect(SimulatedLedger.durableContents(of: Self.path, on: disk, archive: archive) == oracle)
            if stream.bernoulli(0.2) {
                if stream.bernoulli(0.5) { disk.crash() }
                disk.start()
                ledger = try Self.open(disk, archive)
                expected = [:]
                #expect(ledger.contents == oracle && ledger.damage == [])
            }
        }
    }

    @Test("What was told as written is there after any crash, and what failed is not", arguments: 0..<20)
    func promises(block: Int) throws {
        for index in 0..<50 {
            let seed = Seed(UInt64(50 * block + index)).derived("ledger trial")
            var trial = LedgerTrial(seed)
            trial.run()
            #expect(trial.violations == [], "seed \(50 * block + index)")
        }
    }

    @Test("What was forgotten stays so after a crash, and what could not be is there", arguments: TestSeeds.first(50))
    func pruning(seed: Seed) throws {
        let (disk, archive) = (SimulatedDisk(seed: seed), LedgerArchive())
        let ledger = try Self.open(disk, archive)
        for number in 1...4 {
            let task = SampleLedger.task("a", number)
            _ = ledger.begin(
                [.run(SampleLedger.runRow("a")), .roundOpened(SampleLedger.round(task))]
                    + (1...3).map { .contribution(SampleLedger.contribution(task, $0)) }
                    + [.roundEnded(SampleLedger.end("a", number))])
        }
        _ = ledger.flush()
        let run = SampleLedger.run("a")
        #expect(try ledger.prune(run, before: RoundNumber(3), limit: 5) == 5)
        let pruned = ledger.contents
        disk.faults.synchronise = 1
        #expect(throws: StoreError.self) { try ledger.prune(run, before: RoundNumber(3), limit: 5) }
        disk.faults = DiskFaults()
        #expect(ledger.contents == pruned)
        #expect(try ledger.prune(run, before: RoundNumber(3), limit: 5) == 3)
        #expect(try ledger.prune(run, before: RoundNumber(3), limit: 5) == 0)
        disk.crash()
        disk.start()
        let recovered = try Self.open(disk, archive)
        #expect(recovered.contents == ledger.contents && recovered.damage == [])
        #expect((1...4).map { recovered.contents.contributions(to: SampleLedger.task("a", $0)).count } == [0, 0, 3, 3])
    }

    @Test("Damage before the end of the log is named, and a torn end is not")
    func damage() throws {
        let (disk, archive) = (SimulatedDisk(seed: Seed(1)), LedgerArchive())
        let ledger = try Self.open(disk, archive)
        var sizes: [Int] = []
        for client in 0..<UInt64(10) {
            _ = ledger.begin([.client(SampleLedger.client(client))])
            _ = ledger.flush()
            sizes.append(try #require(disk.content(of: Self.path)).count)
        }
        disk.start()
        #expect(disk.rot(Self.path, bit: 8 * (sizes[9] - 1)))
        let torn = try Self.open(disk, archive)
        #expect(torn.damage == [] && torn.contents.image.clients.count == 9)
        disk.start()
        #expect(disk.rot(Self.path, bit: 8 * (sizes[4] + 20)))
        let damaged = try Self.open(disk, archive)
        #expect(damaged.damage == ["/ledger: group 5 at byte \(sizes[4]) is damaged; it and what follows are lost"])
        #expect(damaged.contents.image.clients.count == 5)
    }

    @Test("A full disk takes nothing in and says so; with room it goes on")
    func fullDisk() throws {
        let (disk, archive) = (SimulatedDisk(seed: Seed(1)), LedgerArchive())
        let ledger = try Self.open(disk, archive)
        disk.capacity = 300
        var results: [Result<Void, StoreError>] = []
        for client in 0..<UInt64(4) {
            _ = ledger.begin([.client(SampleLedger.client(client))])
            results += ledger.flush().map(\.result)
        }
        #expect(results.map { (try? $0.get()) != nil } == [true, false, false, false])
        if case .failure(let error) = results[1] { #expect(error.code == .full) }
        #expect(ledger.contents.image.clients.count == 1)
        disk.capacity = .max
        _ = ledger.begin([.client(SampleLedger.client(7))])
        #expect(ledger.flush().allSatisfy { (try? $0.result.get()) != nil })
        disk.crash()
        disk.start()
        #expect(try Self.open(disk, archive).contents == ledger.contents)
    }
}

/// A ledger on a disk that does everything wrong but rot.
private struct LedgerTrial {
    private let disk: SimulatedDisk
    private let archive = LedgerArchive()
    private var stream: RandomStream
    private var ledger: SimulatedLedger?
    /// What must be there.
    private var promised = LedgerContents()
    /// Groups that failed, or of which the process did not live to tell: they may be there after a start, in this order.
    private var doubtful: [[[LedgerEntry]]] = []
    private(set) var violations: [String] = []

    init(_ seed: Seed) {
        stream = seed.derived("trial").stream()
        disk = SimulatedDisk(seed: seed.derived("disk"))
        disk.faults.forgetting = stream.uniform()
        for fault in [\DiskFaults.write, \.shortWrite, \.synchronise, \.open, \.read, \.disorder] {
            disk.faults[keyPath: fault] = stream.bernoulli(0.5) ? 0.2 * stream.uniform() : 0
        }
        if stream.bernoulli(0.3) { disk.capacity = stream.uniform(below: 20_000) }
    }

    mutating func run() {
        for batch in SampleLedger.history(seed: stream.next(), count: 60) {
            if ledger == nil { restart() }
            guard let ledger else { return violations.append("no process could be started") }
            var group: [Int: [LedgerEntry]] = [ledger.begin(batch): batch]
            let second = LedgerEntry.clientLeft(ClientID(UInt64(stream.uniform(below: 10))))
            if stream.bernoulli(0.3) { group[ledger.begin([second])] = [second] }
            if stream.bernoulli(0.1) { disk.endProcess(after: stream.uniform(below: 6)) }
            settle(ledger, group)
            if disk.isDown || stream.bernoulli(0.1) { self.ledger = nil }
        }
    }

    private mutating func settle(_ ledger: SimulatedLedger, _ group: [Int: [LedgerEntry]]) {
        var written: [[LedgerEntry]] = []
        var failed: [[LedgerEntry]] = []
        for (ticket, result) in ledger.flush() {
            let batch = group[ticket] ?? []
            switch result {
            case .success: written.append(batch)
            case .failure(let error): if error.code != .conflict { failed.append(batch) }
            }
        }
        if disk.isDown { return doubtful.append(written + failed) }
        if !failed.isEmpty { return doubtful.append(failed) }
        for batch in written { try? promised.apply(batch) }
        // What comes after has taken the place of what failed.
        if !written.isEmpty { doubtful = [] }
        if ledger.contents != promised { violations.append("it does not hold what it told") }
        // As long as a group is in doubt, the disk may hold it.
        guard doubtful.isEmpty else { return }
        let durable = SimulatedLedger.durableContents(of: "/ledger", on: disk, archive: archive)
        if durable != promised { violations.append("what it told is not on disk") }
    }

    private mutating func restart() {
        for attempt in 0..<100 {
            if attempt == 50 { (disk.faults, disk.capacity) = (DiskFaults(), .max) }
            if stream.bernoulli(0.5) { disk.crash() }
            disk.start()
            let opened = try? SimulatedLedger(path: "/ledger", files: disk.files, archive: archive)
            guard let found = opened else { continue }
            ledger = found
            if found.damage != [] { violations.append("damage: \(found.damage)") }
            if found.contents == promised { return }
            let possible = doubtful.map { group in
                var contents = promised
                for batch in group { try? contents.apply(batch) }
                return contents
            }
            guard possible.contains(found.contents) else { return violations.append("it holds what nobody wrote") }
            (promised, doubtful) = (found.contents, [])
            return
        }
    }
}
