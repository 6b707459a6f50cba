import Foundation
import Testing
import TributaryCore
import TributaryReports
import TributaryServer
import TributaryStore
import TributaryTesting
import TributaryWire

struct CoordinatorTests {
    private static let run = RunID(rawValue: "trial")
    /// Some of every family that compresses. A twentieth of the coordinates, scaled up, would be beyond the bound.
    private static let encodings =
        EncodingFamily.all.flatMap(\.examples).filter { $0.plain == nil && !$0.description.hasPrefix("randk") }
        + ["randk:0.5", "randk:0.05:contractive"].compactMap { try? UpdateEncoding($0) }

    /// Computes every model again from what the ledger says it was made of.
    private func expectExact(_ ledger: MemoryLedger, _ world: CoordinatorWorld) async throws -> TensorBlob {
        let run = try #require(Self.run)
        let row = try #require(try await ledger.load().image.runs.first?.row)
        #expect(row.status == .completed)
        let ends = try await ledger.rounds(of: run, after: RoundNumber(0), limit: 100)
        #expect(ends.map(\.summary.round.rawValue) == Array(1...world.rounds))
        var model = try #require(try world.store.floats(row.initialModel))
        let optimiser = try Strategy(Plan(text: row.plan)).optimiser
        var state = OptimiserState(initial: optimiser.stateForm, parameterCount: model.count)
        var counted: Set<String> = []
        for end in ends {
            let task = TaskID(run: run, round: end.summary.round, kind: .train)
            let round = try #require(try await ledger.round(task))
            var updates: [(values: [Float], weight: Int)] = []
            for contribution in round.contributions {
                updates.append((try #require(try world.store.floats(contribution.numbers)), contribution.weight))
                counted.insert("\(task) \(contribution.client.rawValue)")
            }
            let context = StepContext(learningRate: 0.9, number: end.summary.modelVersion.rawValue)
            let expected =
                optimiser is ServerSGD
                ? ExactOracle.model(after: model, updates, bound: 8, learningRate: 0.9)
                : try stepped(model, &state, updates, ServerStep(optimiser, context))
            model = try #require(try world.store.floats(end.model))
            #expect(model.map(\.bitPattern) == expected.weights.map(\.bitPattern))
            #expect(end.summary.updateNorms?.aggregate == expected.stepNorm)
            let kept = try (end.optimiserState?.vectors ?? []).flatMap { vector in
                try #require(try world.store.floats(vector.blob))
            }
            #expect(kept.map(\.bitPattern) == state.values.map(\.bitPattern))
        }
        let told = world.log.all.filter { $0.contains("/train ") }
        #expect(told.isSubset(of: counted), "an update that was acknowledged does not count")
        return try #require(ends.last?.model)
    }

    /// The step on whole models, in memory.
    private func stepped(
        _ model: [Float], _ state: inout OptimiserState, _ updates: [(values: [Float], weight: Int)],
        _ step: ServerStep
    ) throws -> (weights: [Float], stepNorm: Double) {
        let total = updates.reduce(0) { $0 + $1.weight }
        var sum = try #require(UpdateSum(parameterCount: model.count, bound: 8, weightLimit: total))
        for update in updates {
            let refusal = sum.add(update.values, weight: update.weight)
            #expect(refusal == nil)
        }
        var weights = model
        let norm = step.advance(&weights, state: &state, along: try #require(sum.mean()))
        return (weights, norm)
    }

    /// A run without trouble, and how many commits it took.
    private func undisturbed(
        _ optimiser: String = "sgd", _ encoding: String = "f32"
    ) async throws -> (model: TensorBlob, commits: Int) {
        var world = CoordinatorWorld()
        (world.optimiser, world.encoding) = (optimiser, encoding)
        let ledger = DyingLedger(MemoryLedger())
        #expect(try await world.live(on: ledger) == .completed)
        return (try await expectExact(ledger.rows, world), ledger.commitCount)
    }

    @Test("Rounds run to the end, and every model is exactly what its contributions make")
    func fullRounds() async throws {
        let (_, commits) = try await undisturbed()
        #expect(commits > 20)
    }

    @Test(
        "Compressed updates count as what they decode to, and the report has their size",
        arguments: encodings)
    func compression(encoding: UpdateEncoding) async throws {
        var world = CoordinatorWorld()
        world.encoding = encoding.description
        let ledger = DyingLedger(MemoryLedger())
        #expect(try await world.live(on: ledger) == .completed)
        _ = try await expectExact(ledger.rows, world)
        let run = try #require(Self.run)
        let end = try #require(try await ledger.rounds(of: run, after: RoundNumber(0), limit: 1).first)
        let sizes = encoding.byteCounts(of: 21)
        let least = world.clientCount * sizes.lowerBound
        #expect((least...world.clientCount * sizes.upperBound).contains(end.summary.traffic.bytesUp))
        let task = TaskID(run: run, round: RoundNumber(1), kind: .train)
        for row in try #require(try await ledger.round(task)).contributions {
            #expect(row.update.blob.encoding == encoding)
            #expect(try world.store.floats(row.numbers)?.count == 21)
        }
    }

    @Test(
        "A crash before or after any commit loses nothing acknowledged and changes no bit",
        arguments: [("sgd", "f32"), ("adam:bias-correction=moments", "f32"), ("sgd", "qsgd:4")])
    func crashes(optimiser: String, encoding: String) async throws {
        let (expected, commits) = try await undisturbed(optimiser, encoding)
        for number in 1...commits {
            for death in [DyingLedger.Death.before(number), .after(number)] {
                var world = CoordinatorWorld()
                (world.optimiser, world.encoding) = (optimiser, encoding)
                let dying = DyingLedger(MemoryLedger(), death: death)
                let first = try await world.live(on: dying)
                world.store.crash()
                let reopened = DyingLedger(MemoryLedger(reopening: dying.rows))
                #expect(first == .died)
                #expect(try await world.live(on: reopened) == .completed)
                let model = try await expectExact(reopened.rows, world)
                #expect(model == expected, "\(death)")
            }
        }
    }

    @Test("A process that dies again and again still ends its run")
    func manyCrashes() async throws {
        let (expected, _) = try await undisturbed()
        let world = CoordinatorWorld()
        var rows = MemoryLedger()
        for life in 0..<40 {
            let ledger = DyingLedger(rows, death: life % 2 == 0 ? .before(7) : .after(6))
            let end = try await world.live(on: ledger)
            rows = MemoryLedger(reopening: ledger.rows)
            world.store.crash()
            if end == .completed { break }
        }
        #expect(try await expectExact(rows, world) == expected)
    }

    @Test("The report of a live run holds what the ledger holds")
    func report() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tributary-live-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var world = CoordinatorWorld()
        world.reports = folder.path()
        let ledger = DyingLedger(MemoryLedger())
        #expect(try await world.live(on: ledger) == .completed)
        // The second life finds the run completed, and has nothing to do but to bring its report up to date.
        let coordinator = try await Coordinator.open(world.setting(ledger))
        coordinator.close()
        try await coordinator.run()
        let run = try #require(Self.run)
        let ends = try await ledger.rounds(of: run, after: RoundNumber(0), limit: 100)
        let (record, rounds) = try RunFolder(folder.path() + "/trial").read()
        #expect(rounds == ends.map(\.summary))
        #expect(record.status == .completed)
        #expect(record.totals.rounds == 3)
        let file = try Data(contentsOf: folder.appending(path: "trial/model.safetensors"))
        let model = try Safetensors(decoding: file).weights.values
        #expect(try model == world.store.floats(try #require(ends.last).model))
    }

    @Test(
        "A live report goes on with the files that it has open, and does not begin them again with every round",
        .timeLimit(.minutes(1)))
    func reportGoesOn() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tributary-live-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var world = CoordinatorWorld()
        world.reports = folder.path()
        world.rounds = 40
        let path = folder.path() + "/trial/rounds.jsonl"
        async let first = Self.fileNumber(path)
        #expect(try await world.live(on: DyingLedger(MemoryLedger())) == .completed)
        let last = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
        #expect(await first == last)
    }

    /// The number of a file on its disk, as soon as there is something in it.
    private static func fileNumber(_ path: String) async -> Int? {
        while !Task.isCancelled {
            let file = try? FileManager.default.attributesOfItem(atPath: path)
            if let size = file?[.size] as? Int, size > 0 { return file?[.systemFileNumber] as? Int }
            await Task.yield()
        }
        return nil
    }

    @Test("Callers without the right secret, and clients that speak another protocol, are told so")
    func strangers() async throws {
        let world = CoordinatorWorld()
        let coordinator = try await Coordinator.open(world.setting(MemoryLedger()))
        let calls = CoordinatorCalls(coordinator, operatorToken: "operator", joinToken: "join")
        func code(_ call: () async throws -> some Any) async -> ConnectCode? {
            do {
                _ = try await call()
                return nil
            } catch {
                return (error as? ConnectError)?.code
            }
        }
        let nobody = Caller(credential: nil, peer: "x")
        let forged = Caller(credential: "1.abc", peer: "x")
        var poll = WirePollRequest()
        poll.protocolVersion = 1
        #expect(await code { try await calls.poll(poll, from: nobody) } == .unauthenticated)
        #expect(await code { try await calls.poll(poll, from: forged) } == .unauthenticated)
        poll.protocolVersion = 2
        #expect(await code { try await calls.poll(poll, from: forged) } == .failedPrecondition)
        #expect(await code { try await calls.listRuns(WireListRunsRequest(), from: nobody) } == .unauthenticated)
        #expect(await code { try await calls.listRuns(WireListRunsRequest(), from: forged) } == .permissionDenied)
        let wrong = WireRegisterRequest(
            ClientDescription(name: "a"), registrationKey: Data(repeating: 1, count: 16), joinToken: "guess")
        #expect(await code { try await calls.register(wrong, from: nobody) } == .unauthenticated)
    }

    @Test("A caller that goes away takes its call along")
    func cancellation() async throws {
        let world = CoordinatorWorld()
        let ledger = MemoryLedger()
        let coordinator = try await Coordinator.open(world.setting(ledger))
        let calls = CoordinatorCalls(coordinator, operatorToken: "operator", joinToken: "join")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await coordinator.run() }
            let request = WireRegisterRequest(
                ClientDescription(name: "a"), registrationKey: Data(repeating: 1, count: 16), joinToken: "join")
            let credential = try await calls.register(request, from: Caller(credential: nil, peer: "x")).credential
            let caller = Caller(credential: credential, peer: "x")
            let isCancelled = await withTaskGroup(of: Bool.self) { polls in
                polls.addTask {
                    var poll = WirePollRequest()
                    (poll.protocolVersion, poll.waitMs) = (1, 30_000)
                    do {
                        _ = try await calls.poll(poll, from: caller)
                        return false
                    } catch {
                        return error is CancellationError
                    }
                }
                polls.cancelAll()
                return await polls.next() ?? false
            }
            #expect(isCancelled)
            coordinator.close()
            try await group.waitForAll()
        }
    }
}
