import Testing
import TributaryCore
import TributaryServer
import TributaryStore
import TributaryWire

/// Results that fit the protocol but cannot be used, and those who hand in what is not theirs.
@Suite("Bad results")
struct BadResultTests {
    /// A spoilt result, and why it must be refused.
    struct Spoilt: Sendable {
        var what: String
        var update = WireClient.soundUpdate
        var refusal: WireRefusal
        var spoil: @Sendable (inout WireSubmitRequest) -> Void = { _ in }
    }

    private static func numbers(_ odd: Float) -> [UInt8] {
        WireClient.bytes((0..<21).map { $0 == 13 ? odd : Float($0) / 64 })
    }

    static let spoilt = [
        Spoilt(what: "another encoding", refusal: .schema) {
            $0.training.update.encoding = .f16
            $0.training.update.size = 42
        },
        Spoilt(what: "a result of another kind", refusal: .schema) {
            $0.evaluation.exampleCount = 10
        },
        Spoilt(what: "another size than the model's", refusal: .size) { $0.training.update.size = 80 },
        Spoilt(what: "a size that nothing has", refusal: .size) { $0.training.update.size = 1 << 40 },
        Spoilt(what: "NaN", update: numbers(.nan), refusal: .notFinite),
        Spoilt(what: "infinity", update: numbers(-.infinity), refusal: .notFinite),
        Spoilt(what: "a coordinate out of bound", update: numbers(100), refusal: .outOfBound),
        Spoilt(what: "no examples", refusal: .weight) { $0.training.exampleCount = 0 },
        Spoilt(what: "too many examples", refusal: .weight) { $0.training.exampleCount = 1 << 62 },
        Spoilt(what: "a loss of NaN", refusal: .notFinite) { $0.training.meanLoss = .nan },
        Spoilt(what: "an infinite metric", refusal: .notFinite) { $0.training.metrics = ["a": .infinity] },
    ]

    @Test("Each is refused with its reason, again if it is repeated, and the good clients' round completes")
    func refusals() async throws {
        try await withWireServer { server in
            var clients: [WireClient] = []
            for number in 0..<(Self.spoilt.count + 2) {
                clients.append(try await server.client("client-\(number)"))
            }
            try await server.createRun("trial", clients: clients.count)
            var good: [(WireClient, WireTask)] = []
            for (number, client) in clients.enumerated() {
                let task = try await client.task()
                guard number < Self.spoilt.count else {
                    good.append((client, task))
                    continue
                }
                let spoilt = Self.spoilt[number]
                let (digest, answer) = try await client.upload(spoilt.update)
                #expect(answer.status == 201, "\(spoilt.what)")
                var result = WireClient.result(task.id, digest: digest)
                spoilt.spoil(&result)
                for isAgain in [false, true] {
                    let receipt = try await client.submit(result)
                    #expect(receipt.receipt == .refused, "\(spoilt.what)")
                    #expect(receipt.refusal == spoilt.refusal, "\(spoilt.what)")
                    #expect(receipt.isDuplicate == isAgain, "\(spoilt.what)")
                }
                // A good one in its place comes too late: the answer is given.
                let instead = try await client.submit(WireClient.result(task.id, digest: digest))
                #expect(instead.receipt == .refused)
            }
            for (client, task) in good { #expect(try await client.work(on: task).receipt == .accepted) }
            let report = try await server.run("trial", after: 1).lastReport
            #expect(report.isCommitted)
            #expect(report.reported == 2)
        }
    }

    @Test("An update that was never sent is asked for; the result counts once it is there")
    func missing() async throws {
        try await withWireServer { server in
            let client = try await server.client("north")
            try await server.createRun("trial", clients: 1)
            let task = try await client.task()
            let digest = try digest(of: WireClient.soundUpdate).rawValue
            let error = await #expect(throws: ConnectError.self) {
                try await client.submit(WireClient.result(task.id, digest: digest))
            }
            #expect(error?.code == .failedPrecondition)
            #expect(error?.message.contains(digest) == true)
            #expect(try await client.work(on: task).receipt == .accepted)
        }
    }

    @Test("An old result is answered as it was: accepted and duplicate if it counts, late if it does not")
    func replay() async throws {
        try await withWireServer { server in
            let (north, south) = (try await server.client("north"), try await server.client("south"))
            try await server.createRun("trial", clients: 2)
            let (mine, its) = (try await north.task(), try await south.task())
            let (digest, _) = try await south.upload(WireClient.soundUpdate)
            try await south.giveBack(its)
            #expect(try await north.work(on: mine).receipt == .accepted)
            _ = try await server.run("trial", after: 1)
            let again = try await north.submit(WireClient.result(mine.id, digest: digest))
            #expect(again.receipt == .accepted)
            #expect(again.isDuplicate)
            let late = try await south.submit(WireClient.result(its.id, digest: digest))
            #expect(late.receipt == .late)
        }
    }

    @Test("Nobody touches another's task, nor one that does not exist")
    func strangers() async throws {
        try await withWireServer { server in
            let north = try await server.client("north", labels: ["side": "north"])
            let south = try await server.client("south", labels: ["side": "south"])
            try await server.createRun("cold", clients: 1, labels: ["side": "south"])
            let task = try await south.task()
            for id in [task.id, "nothing/1/train", "cold/99/train", "cold/1/evaluate"] {
                let digest = try digest(of: WireClient.soundUpdate).rawValue
                let receipt = try await north.submit(WireClient.result(id, digest: digest))
                #expect(receipt.receipt == .notInvited, "\(id)")
                var beat = WireHeartbeatRequest()
                beat.taskID = id
                #expect(try await server.call(.heartbeat, beat, credential: north.credential).goesOn == false)
                var failure = WireReportFailureRequest()
                failure.taskID = id
                _ = try await server.call(.reportFailure, failure, credential: north.credential)
            }
            // Nothing of it has done the owner any harm.
            #expect(try await south.work(on: task).receipt == .accepted)
        }
    }

    @Test("A client cannot have a stored model removed by calling it its update", arguments: [true, false])
    func namesAModel(keepsUpdates: Bool) async throws {
        try await withWireServer {
            $0.keepsUpdates = keepsUpdates
            $0.coolDown = .milliseconds(1)
            $0.longestCoolDown = .milliseconds(1)
        } _: { server in
            let client = try await server.client("north")
            try await server.createRun(
                "trial", clients: 1, plan: ["rounds": "6", "checkpoint.keep": "1"])
            var models: [BlobDigest] = []
            for _ in 0..<4 {
                let task = try await client.task()
                models.append(try #require(BlobDigest(rawValue: task.model.sha256)))
                #expect(try await client.work(on: task).receipt == .accepted)
            }
            let task = try await client.task()
            var result = WireClient.result(task.id, digest: models[1].rawValue)
            result.training.exampleCount = 0
            #expect(try await client.insist(on: result).receipt == .refused)
            // By the time that the next task is there, what was to be removed has been.
            _ = try await client.task()
            #expect(try server.store.byteCount(of: models[1]) == (keepsUpdates ? 84 : nil))
        }
    }
}
