import Synchronization
import Testing
import TributaryClient
import TributaryCore
import TributaryWire

/// What a client says of its time and its electricity: nothing, unless it is asked.
@Suite struct EnergyTests {
    private static let task = CourseTests.task

    /// What a client says of the times of a task; it trains for three seconds.
    private func times(_ change: @escaping (inout WireTask) -> Void) async throws -> WireWorkTimes? {
        var bench = Bench()
        let clock = bench.clock
        bench.trainer = HalfTrainer { _ in clock.advance(by: .seconds(3)) }
        let server = FakeServer()
        server.offer(Self.task, model: CourseTests.model) { change(&$0) }
        try await bench.run(server)
        let training = try #require(server.submissions[Self.task]?.training)
        return training.hasTimes ? training.times : nil
    }

    @Test func timesAreThoseOfThePartsOfTheTask() async throws {
        let times = try #require(try await times { $0.asksForTimes = true })
        #expect(times.trainingSeconds == 3 && times.downloadSeconds == 0 && times.uploadSeconds == 0)
    }

    @Test func nothingIsSaidUnasked() async throws {
        #expect(try await times { _ in } == nil)
    }

    @Test func noiseLeavesNothingToSay() async throws {
        let times = try await times { task in
            task.asksForTimes = true
            (task.localNoise.clip, task.localNoise.noiseMultiplier) = (1, 1)
        }
        #expect(times == nil)
    }

    @Test(arguments: [EnergyStatement(), EnergyStatement(region: "DE", trainingWatts: 35.5)])
    func aPollSaysWhatTheSettingsSay(statement: EnergyStatement) async throws {
        var bench = Bench()
        bench.settings.energy = statement
        let server = FakeServer()
        server.offer(Self.task, model: CourseTests.model) { _ in }
        try await bench.run(server)
        let said = try server.state.withLock { state in try EnergyStatement(#require(state.lastPoll)) }
        #expect(said == statement)
    }

    /// A client that was killed when its update was done says how long it trained all the same.
    @Test func aFinishedUpdateKeepsItsTimes() async throws {
        try await withFolder { folder in
            let server = FakeServer { request, index in
                index == 4 ? .lost(Killed()) : nil
            }
            server.offer(Self.task, model: CourseTests.model) { $0.asksForTimes = true }
            var trainings = 0
            for _ in 0..<3 where server.submissions[Self.task] == nil {
                var bench = Bench()
                let clock = bench.clock
                bench.trainer = HalfTrainer { _ in clock.advance(by: .seconds(3)) }
                let store = try FolderStore(folder, server: "https://fake.test", name: "a")
                bench.store = store
                do { try await bench.run(server) } catch is Killed {}
                trainings += bench.trainer.trainings
                store.close()
            }
            #expect(server.submissions[Self.task]?.training.times.trainingSeconds == 3 && trainings == 1)
        }
    }
}
