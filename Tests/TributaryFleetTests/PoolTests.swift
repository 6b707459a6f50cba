import Synchronization
import Testing
import TributaryClient
import TributaryCore
import TributaryFleet
import TributarySimulation
import TributaryWire

@Suite struct PoolTests {
    @Test(arguments: [1, 2, 5])
    func noMoreTrainAtATimeThanThereAreWorkers(workers: Int) async throws {
        let pool = TrainingPool(workerCount: workers)
        let tally = Tally()
        try await withThrowingDiscardingTaskGroup { group in
            for _ in 0..<200 {
                group.addTask {
                    try await pool.run {
                        tally.begin()
                        // Long enough for others to get in, if they could.
                        var sum = 0
                        for value in 0..<100_000 { sum &+= value &* value }
                        tally.end(sum)
                    }
                }
            }
        }
        #expect(tally.counts.all == 200)
        #expect(tally.counts.most <= workers)
    }

    @Test func whoIsCancelledInTheQueueLeavesNoGap() async throws {
        let pool = TrainingPool(workerCount: 1)
        let tally = Tally()
        await withTaskGroup { group in
            for _ in 0..<50 {
                group.addTask { try? await pool.run { tally.end(1) } }
            }
            group.cancelAll()
        }
        let done = tally.counts.all
        // The worker is free again, whoever was cancelled where.
        try await pool.run { tally.end(1) }
        #expect(tally.counts.all == done + 1)
    }
}

/// Who is at work, and how many were at most.
private final class Tally: Sendable {
    struct Counts {
        var now = 0, most = 0, all = 0
    }

    private let state = Mutex(Counts())

    var counts: Counts { state.withLock { $0 } }

    func begin() {
        state.withLock {
            $0.now += 1
            $0.most = max($0.most, $0.now)
        }
    }

    func end(_ result: Int) {
        state.withLock {
            $0.now -= 1
            $0.all += result == 0 ? 0 : 1
        }
    }
}

@Suite struct ScheduleTests {
    private func schedule(_ seed: UInt64) -> FaultSchedule {
        var faults = FleetFaults()
        faults.plan.stall = 0.3
        faults.plan.garbage = 0.3
        faults.plan.duplicate = 0.5
        faults.cut = 0.5
        faults.slowLink = 1000
        faults.slowShare = 0.5
        return FaultSchedule(faults, seed: seed)
    }

    /// All that is drawn for some clients and rounds.
    private func draws(_ schedule: FaultSchedule) -> [String] {
        (0..<50).flatMap { client in
            (1...20).map { round in
                let fate = schedule.fate(of: client, in: RoundNumber(round))
                let cut = schedule.cut(of: client, transfer: round)
                return "\(fate.ending) \(fate.isRepeated) \(fate.progress) \(String(describing: cut)) "
                    + "\(schedule.isSlow(client)) \(schedule.absence(of: client, life: round)) "
                    + "\(schedule.registrationKey(of: client, prefix: "fleet"))"
            }
        }
    }

    @Test func drawsDependOnTheSeedAlone() {
        #expect(draws(schedule(3)) == draws(schedule(3)))
        #expect(draws(schedule(3)) != draws(schedule(4)))
    }

    @Test func faultsComeAsOftenAsTheyShould() {
        let schedule = schedule(5)
        let fates = (0..<200).flatMap { client in
            (1...100).map { schedule.fate(of: client, in: RoundNumber($0)) }
        }
        // Four standard deviations of a share of 20,000 draws are less than 0.015.
        let shares = [
            (fates.count { if case .stalls = $0.ending { true } else { false } }, 0.3),
            (fates.count { if case .sendsGarbage = $0.ending { true } else { false } }, 0.3),
            (fates.count { $0.isRepeated }, 0.5),
        ]
        for (count, share) in shares { #expect(abs(Double(count) / 20_000 - share) < 0.015) }
    }

    @Test func everyClientHasAnIdentityOfItsOwn() {
        let schedule = schedule(1)
        let keys = ["fleet", "fleeu", "a"].flatMap { prefix in
            (0..<1000).map { schedule.registrationKey(of: $0, prefix: prefix) }
        }
        #expect(Set(keys).count == 3000)
        #expect(keys.allSatisfy { $0.count == 32 })
    }
}

/// A server that takes nobody.
struct ClosedServer: ClientTransport, FleetConnections {
    let server = "https://closed.test"

    func transport(for client: Int) -> any ClientTransport { self }
    func reconnect() async {}
    func shutdown() async {}

    private var answer: TransportAnswer {
        let error = ConnectError(.unauthenticated, "wrong join token")
        return TransportAnswer(status: error.code.httpStatus, contentType: "application/json", body: error.body)
    }

    func call(_ call: TransportCall) async throws -> TransportAnswer { answer }
    func download(
        _ digest: BlobDigest, from offset: Int, credential: String, into receiver: any DownloadReceiver
    ) async throws -> TransportAnswer { answer }
    func uploadState(of digest: BlobDigest, credential: String) async throws -> TransportAnswer { answer }
    func upload(
        _ digest: BlobDigest, from offset: Int, of content: any UpdateContent, credential: String
    ) async throws -> TransportAnswer { answer }
}
