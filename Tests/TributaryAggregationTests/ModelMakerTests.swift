import Testing
import TributaryAggregation
import TributaryCore
import TributaryMath
import TributaryStore
import TributaryTesting

struct ModelMakerTests {
    /// A round's contributions and what they should give.
    struct Case {
        let store = MemoryBlobStore()
        var order: ModelOrder
        var base: [Float]
        var updates: [(values: [Float], weight: Int)] = []

        init(_ seed: Seed, count: Int, clients: Int, encodings: [TensorEncoding] = TensorEncoding.allCases) throws {
            var stream = seed.stream()
            let run = try #require(RunID(rawValue: "a"))
            base = (0..<count).map { _ in Float(stream.uniform() - 0.5) }
            order = ModelOrder(
                run: run, round: RoundNumber(1), base: try store.put(base, .float32).blob, contributions: [],
                parameterCount: count, bound: 8, step: ServerStep(learningRate: 0.7))
            for client in 0..<clients {
                let scale = 1.0 / Double(1 + stream.uniform(below: 1000))
                let values = (0..<count).map { _ in Float((stream.uniform() * 16 - 8) * scale) }
                let encoding = encodings[stream.uniform(below: encodings.count)]
                let stored = try store.put(values, encoding)
                let weight = 1 + stream.uniform(below: 1_000_000)
                updates.append((stored.values, weight))
                let update = TrainedUpdate(
                    blob: UpdateBlob(stored.blob),
                    outcome: TrainingOutcome(exampleCount: weight, stepCount: 1, meanLoss: 1))
                order.contributions.append(
                    ContributionRow(
                        task: TaskID(run: run, round: RoundNumber(1), kind: .train), client: ClientID(index: client),
                        update: update, weight: weight, norm: 1, acceptedAt: .start))
            }
        }

        var maker: ModelMaker { ModelMaker(store: store, limits: limits) }

        var limits: ModelMaker.Limits {
            var limits = ModelMaker.Limits()
            (limits.tileLength, limits.width, limits.openBlobs) = (64, 3, 5)
            return limits
        }
    }

    @Test("A model has the bits that whole numbers of any size give", arguments: TestSeeds.first(40))
    func exactness(seed: Seed) throws {
        var stream = seed.derived("shape").stream()
        let round = try Case(seed, count: 1 + stream.uniform(below: 300), clients: 1 + stream.uniform(below: 20))
        let expected = ExactOracle.model(after: round.base, round.updates, bound: 8, learningRate: 0.7)
        guard case .made(let blob, _, let norm) = round.maker.make(round.order) else {
            Issue.record("no model was made")
            return
        }
        let made = try round.store.floats(blob)
        #expect(made?.map(\.bitPattern) == expected.weights.map(\.bitPattern))
        #expect(norm == expected.stepNorm)
    }

    @Test("Pieces give the bits of the sum and step on whole models", arguments: TestSeeds.first(10))
    func wholeModels(seed: Seed) throws {
        let round = try Case(seed, count: 1000, clients: 7)
        var weights = round.base
        var sum = try #require(
            UpdateSum(parameterCount: 1000, bound: 8, weightLimit: round.updates.reduce(0) { $0 + $1.weight }))
        for update in round.updates {
            let refusal = sum.add(update.values, weight: update.weight)
            #expect(refusal == nil)
        }
        let mean = try #require(sum.mean())
        var state = OptimiserState.none
        let norm = ServerStep(learningRate: 0.7).advance(&weights, state: &state, along: mean)
        let result = round.maker.make(round.order)
        let expected = try round.store.put(weights, .float32).blob
        #expect(result == .made(expected, stepNorm: norm))
        #expect(ModelMaker(store: round.store).make(round.order) == result)
        for count in 1...3 {
            var limits = round.limits
            limits.concurrentReads = count
            #expect(ModelMaker(store: round.store, limits: limits).make(round.order) == result)
        }
    }

    @Test("Updates whose bytes have changed are named, moved aside, and no model is made of the rest")
    func damagedContributions() throws {
        let round = try Case(TestSeeds.first(1)[0], count: 500, clients: 12)
        let before = try round.store.blobs().count
        for client in [2, 9] {
            let blob = round.order.contributions[client].update.blob
            round.store.damage(blob.digest, at: blob.byteCount - 1)
        }
        #expect(round.maker.make(round.order) == .damagedContributions([ClientID(2), ClientID(9)]))
        #expect(round.store.quarantine.count == 2)
        #expect(try round.store.blobs().count == before - 2)
        #expect(round.maker.make(round.order) == .damagedContributions([ClientID(2), ClientID(9)]))
    }

    @Test("A base model that has changed or is gone is not built upon")
    func damagedBase() throws {
        let round = try Case(TestSeeds.first(1)[0], count: 200, clients: 3)
        round.store.damage(round.order.base.digest, at: 17)
        for _ in 0..<2 {
            guard case .damagedBase(let reason) = round.maker.make(round.order) else {
                Issue.record("a damaged base was used")
                return
            }
            #expect(reason.contains(round.order.base.digest.rawValue))
        }
    }

    @Test("A full disk is a failure that may pass, and leaves nothing behind")
    func fullDisk() throws {
        let round = try Case(TestSeeds.first(1)[0], count: 200, clients: 3)
        let before = try round.store.blobs().count
        round.store.fail(with: StoreError(.full, "no room"))
        #expect(round.maker.make(round.order) == .failed("no room"))
        round.store.fail(with: nil)
        #expect(try round.store.blobs().count == before)
        guard case .made = round.maker.make(round.order) else {
            Issue.record("it did not work again")
            return
        }
    }

    @Test(
        "An update that the check takes is one that the sum takes, with the same reasons",
        arguments: TestSeeds.first(60))
    func checking(seed: Seed) throws {
        var stream = seed.stream()
        let store = MemoryBlobStore()
        let count = 1 + stream.uniform(below: 200)
        var values = (0..<count).map { _ in Float(stream.uniform() * 4 - 2) }
        let specials: [Float] = [.nan, .infinity, -.infinity, 2, -2, Float(2).nextUp, -3, .leastNonzeroMagnitude, -0.0]
        for _ in 0..<stream.uniform(below: 3) {
            values[stream.uniform(below: count)] = specials[stream.uniform(below: specials.count)]
        }
        let encoding = TensorEncoding.allCases[stream.uniform(below: 3)]
        let stored = try store.put(values, encoding)
        let task = try #require(TaskID("a/1/train"))
        let check = UpdateCheck(
            task: task, client: ClientID(1), blob: UpdateBlob(stored.blob), parameterCount: count, bound: 2)
        var sum = try #require(UpdateSum(parameterCount: count, bound: 2, weightLimit: 1))
        let refusal = sum.add(stored.values, weight: 1)
        let squares = stored.values.reduce(0.0) { $0 + Double($1) * Double($1) }
        let expected = refusal.map(UpdateVerdict.refused) ?? .sound(norm: squares.squareRoot())
        #expect(UpdateChecker(store: store).check(check) == expected)
    }

    @Test("An update of another length is refused, one that is not there is missing")
    func lengths() throws {
        let store = MemoryBlobStore()
        let task = try #require(TaskID("a/1/train"))
        let blob = try store.put([1, 2, 3], .float32).blob
        var check = UpdateCheck(task: task, client: ClientID(1), blob: UpdateBlob(blob), parameterCount: 4, bound: 8)
        #expect(UpdateChecker(store: store).check(check) == .refused(.wrongSize))
        check.parameterCount = .max
        #expect(UpdateChecker(store: store).check(check) == .refused(.wrongSize))
        try store.remove(blob.digest)
        #expect(UpdateChecker(store: store).check(check) == .missing)
    }

    @Test("An update whose bytes have changed is not judged: it is missing, and can be sent again")
    func damagedUpdate() throws {
        let task = try #require(TaskID("a/1/train"))
        // What is damaged would be taken in the one case, and be refused in the other, if its bytes were believed.
        for values: [Float] in [[1, 9, 1], [1, .nan, 1], [1, 2, 3]] {
            let store = MemoryBlobStore()
            let blob = try store.put(values, .float32).blob
            let check = UpdateCheck(
                task: task, client: ClientID(1), blob: UpdateBlob(blob), parameterCount: 3, bound: 8)
            store.damage(blob.digest, at: 6)
            #expect(UpdateChecker(store: store).check(check) == .missing)
            #expect(try store.byteCount(of: blob.digest) == nil)
        }
    }

    @Test("Every number of half precision is read as what it is")
    func halfPrecision() throws {
        let store = MemoryBlobStore()
        let finite = (UInt16.min...UInt16.max).map(Float16.init(bitPattern:)).filter(\.isFinite).map { Float($0) }
        let stored = try store.put(finite, .float16).blob
        let zeros = try store.put([Float](repeating: 0, count: finite.count), .float32).blob
        let task = try #require(TaskID("a/1/train"))
        let update = TrainedUpdate(
            blob: UpdateBlob(stored), outcome: TrainingOutcome(exampleCount: 1, stepCount: 1, meanLoss: 0))
        let order = ModelOrder(
            run: task.run, round: task.round, base: zeros,
            contributions: [
                ContributionRow(
                    task: task, client: ClientID(1), update: update, weight: 1, norm: 0, acceptedAt: .start)
            ], parameterCount: finite.count, bound: 65_536, step: ServerStep())
        guard case .made(let model, _, _) = ModelMaker(store: store).make(order) else {
            Issue.record("no model was made")
            return
        }
        #expect(try store.floats(model) == finite)
    }
}
