import Foundation
import Testing
import TributaryAggregation
import TributaryCore
import TributaryMath
import TributaryStore
import TributaryTesting

/// Models whose updates are clipped and whose sum gets noise, piece by piece from blobs.
struct ModelMakerPrivacyTests {
    /// A run in trees of eight rounds: its updates, and what stands before the next round.
    private struct Course {
        let store = MemoryBlobStore()
        let privacy: RoundPrivacy
        let key: NoiseKey
        let optimiser: any ServerOptimiser
        var state: PrivacyState
        var model: [Float]
        var kept: OptimiserState
        var keptBlobs: [TensorBlob] = []
        var round = RoundNumber(1)
        /// What the open round's noise is made from.
        var keys: RoundKeys

        init(_ seed: Seed, count: Int, mechanism: String, optimiser: String) throws {
            var plan = Plan()
            (plan.cohort.count, plan.rounds, plan.privacy.delta) = (6, 8, 1e-5)
            if mechanism.hasPrefix("sampled") { (plan.cohort.selection, plan.privacy.population) = (.poisson, 6) }
            try plan.set("privacy.mechanism", to: mechanism)
            try plan.set("strategy.optimiser", to: optimiser)
            let resolved = try ResolvedPlan(plan, populationSize: 6, isOpen: true)
            privacy = try #require(resolved.privacy)
            self.optimiser = resolved.strategy.optimiser
            state = try PrivacyState(privacy)
            var stream = seed.derived("course").stream()
            key = NoiseKey.random(using: &stream)
            keys = RoundKeys(run: key)
            model = (0..<count).map { _ in Float(stream.uniform() - 0.5) }
            kept = OptimiserState(initial: self.optimiser.stateForm, parameterCount: count)
        }

        var step: ServerStep { ServerStep(optimiser, StepContext(learningRate: 0.7, number: round.rawValue)) }

        /// The order of a round of these updates, which are stored.
        mutating func order(_ updates: [(values: [Float], encoding: TensorEncoding)]) throws -> (
            order: ModelOrder, read: [[Float]]
        ) {
            state.begin(round, under: privacy)
            let run = SampleLedger.run("a")
            var order = ModelOrder(
                run: run, round: round, base: try store.put(model, .float32).blob, contributions: [],
                parameterCount: model.count, bound: 8, step: step, state: keptBlobs)
            var read: [[Float]] = []
            for (place, update) in updates.enumerated() {
                let stored = try store.put(update.values, update.encoding)
                read.append(stored.values)
                let outcome = TrainingOutcome(exampleCount: 1 + place, stepCount: 1, meanLoss: 1)
                order.contributions.append(
                    ContributionRow(
                        task: TaskID(run: run, round: round, kind: .train), client: ClientID(index: place),
                        update: TrainedUpdate(blob: UpdateBlob(stored.blob), outcome: outcome), weight: 1, norm: 1,
                        acceptedAt: .start))
            }
            keys = RoundKeys(run: key, contributions: order.contributions)
            order.privacy = state.privateSum(
                of: round, parameterCount: model.count, contributions: 6, under: privacy, keys: keys)
            return (order, read)
        }

        /// Takes the step on whole vectors in memory, as a simulation does; returns its norm.
        mutating func release(_ updates: [[Float]]) throws -> Double {
            let limits = state.sumLimits(under: privacy, contributions: 6, populationSize: 6)
            var sum = try #require(
                UpdateSum(parameterCount: model.count, bound: limits.bound, weightLimit: limits.weightLimit))
            let clip = state.clip(under: privacy)
            for update in updates {
                var update = update
                _ = clip.clip(&update)
                let refusal = sum.add(update, weight: 1)
                #expect(refusal == nil)
            }
            let mean = state.release(
                sum, within: 0, from: updates.indices.map(ClientID.init(index:)), in: round, under: privacy, keys: keys)
            // As it is when the coordinator has died and come back.
            state = try JSONDecoder().decode(PrivacyState.self, from: JSONEncoder().encode(state))
            let norm = step.advance(&model, state: &kept, along: mean)
            keptBlobs = try optimiser.stateForm.vectors.indices.map { place in
                let values = kept.values[place * model.count..<(place + 1) * model.count]
                return try store.put(Array(values), .float32).blob
            }
            round = round.next
            return norm
        }
    }

    private static func updates(
        _ stream: inout RandomStream, _ count: Int
    ) -> [(values: [Float], encoding: TensorEncoding)] {
        (0..<1 + stream.uniform(below: 6)).map { _ in
            let scale = [0.0001, 0.01, 1, 7][stream.uniform(below: 4)]
            let values = (0..<count).map { _ in Float((stream.uniform() * 2 - 1) * scale) }
            return (values, TensorEncoding.allCases[stream.uniform(below: 3)])
        }
    }

    @Test(
        "Pieces of any length give the bits that clipping and noise on whole vectors give, round after round",
        arguments: TestSeeds.first(24))
    func wholeVectors(seed: Seed) throws {
        var stream = seed.derived("shape").stream()
        let count = 1 + stream.uniform(below: [40, 3000, 10_000][stream.uniform(below: 3)])
        var course = try Course(
            seed, count: count, mechanism: "tree:clip=0.5,noise=\(stream.uniform(below: 4)),participations=8",
            optimiser: stream.bernoulli(0.5) ? "sgd" : "adam")
        for _ in 0..<8 {
            let (order, read) = try course.order(Self.updates(&stream, count))
            let norm = try course.release(read)
            let expected = ModelResult.made(
                try course.store.put(course.model, .float32).blob, state: course.keptBlobs, stepNorm: norm)
            for _ in 0..<3 {
                var limits = ModelMaker.Limits()
                limits.tileLength = 1 + stream.uniform(below: stream.bernoulli(0.5) ? 60 : 6000)
                (limits.width, limits.openBlobs) = (1 + stream.uniform(below: 8), stream.uniform(below: 6))
                limits.concurrentReads = stream.bernoulli(0.5) ? 1 : .max
                let result = ModelMaker(store: course.store, limits: limits).make(order)
                #expect(result == expected, "\(order.round), \(limits)")
            }
            #expect(ModelMaker(store: course.store).make(order) == expected)
        }
    }

    /// What is left of nothing is noise: of as many nodes as the round's number has ones in binary.
    @Test("The noise in a model has the deviation that its tree says")
    func deviation() throws {
        var course = try Course(
            TestSeeds.first(1)[0], count: 20_000, mechanism: "tree:clip=0.5,noise=2,participations=8",
            optimiser: "sgd")
        let first = course.model
        for number in 1...7 {
            let (order, _) = try course.order([([Float](repeating: 0, count: 20_000), .float32)])
            guard case .made(let blob, _, _) = ModelMaker(store: course.store).make(order) else {
                Issue.record("no model was made")
                return
            }
            _ = try course.release([[Float](repeating: 0, count: 20_000)])
            course.model = try #require(try course.store.floats(blob))
            let moves = zip(course.model, first).map { Double($0) - Double($1) }
            let deviation = (moves.reduce(0) { $0 + $1 * $1 } / 20_000).squareRoot()
            let expected = 0.7 * 0.5 * 2 / 6 * Double(number.nonzeroBitCount).squareRoot()
            #expect(abs(deviation / expected - 1) < 0.03)
        }
    }

    /// Nobody was drawn, or nobody who was has come: the model moves by noise over what was expected, and by nothing else.
    @Test(
        "A round of nobody makes a model of noise, the same in pieces of any length",
        arguments: [
            ("sampled:clip=0.5,noise=2", "sgd"), ("sampled:clip=0.5,noise=2", "adam"), ("sampled:noise=0", "sgd"),
        ])
    func nobody(mechanism: String, optimiser: String) throws {
        let count = 20_000
        var course = try Course(TestSeeds.first(1)[0], count: count, mechanism: mechanism, optimiser: optimiser)
        for number in 1...2 {
            let before = course.model
            let (order, _) = try course.order([])
            let norm = try course.release([])
            let expected = ModelResult.made(
                try course.store.put(course.model, .float32).blob, state: course.keptBlobs, stepNorm: norm)
            for length in [1 << 20, 4096, 1000, 500] {
                var limits = ModelMaker.Limits()
                (limits.tileLength, limits.concurrentReads) = (length, 1)
                #expect(ModelMaker(store: course.store, limits: limits).make(order) == expected, "\(number), \(length)")
            }
            guard optimiser == "sgd" else { continue }
            let moves = zip(course.model, before).map { Double($0) - Double($1) }
            let deviation = (moves.reduce(0) { $0 + $1 * $1 } / Double(count)).squareRoot()
            let wanted = mechanism.hasSuffix("=0") ? 0 : 0.7 * 0.5 * 2 / 6
            #expect(abs(deviation - wanted) <= 0.03 * wanted, "\(deviation)")
        }
    }

    @Test("A round of nobody without privacy is no round")
    func nobodyWithoutPrivacy() throws {
        var course = try Course(
            TestSeeds.first(1)[0], count: 5, mechanism: "sampled:clip=0.5,noise=1", optimiser: "sgd")
        var (order, _) = try course.order([])
        order.privacy = nil
        #expect(ModelMaker(store: course.store).make(order) == .damagedContributions([]))
    }

    @Test("Other updates in a round get other noise, and the same ones the same")
    func noiseOfOtherUpdates() throws {
        var course = try Course(
            TestSeeds.first(1)[0], count: 4, mechanism: "tree:clip=1000,noise=1e-6,participations=8", optimiser: "sgd")
        let (order, _) = try course.order([([1, 2, 3, 4], .float32), ([4, 3, 2, 1], .float32)])
        #expect(try course.order([([1, 2, 3, 4], .float32), ([4, 3, 2, 1], .float32)]).order == order)
        for other in [[[1, 2, 3, 4]], [[1, 2, 3, 4], [4, 3, 2, 0]], [[4, 3, 2, 1], [1, 2, 3, 4]]] as [[[Float]]] {
            let (again, _) = try course.order(other.map { ($0, .float32) })
            #expect(again.privacy?.noise != order.privacy?.noise)
        }
    }

    @Test("Updates that are not what was accepted are named before anything is made of their norms")
    func damage() throws {
        var stream = TestSeeds.first(1)[0].stream()
        var course = try Course(
            TestSeeds.first(1)[0], count: 500, mechanism: "tree:clip=0.5,noise=1", optimiser: "sgd")
        let updates = (0..<5).map { _ in
            (values: (0..<500).map { _ in Float(stream.uniform()) }, encoding: TensorEncoding.float32)
        }
        let (order, _) = try course.order(updates)
        let before = try course.store.blobs().count
        for place in [1, 4] {
            let blob = order.contributions[place].update.blob
            course.store.damage(blob.digest, at: blob.byteCount - 1)
        }
        let clients = [1, 4].map(ClientID.init(index:))
        #expect(ModelMaker(store: course.store).make(order) == .damagedContributions(clients))
        #expect(course.store.quarantine.count == 2)
        #expect(try course.store.blobs().count == before - 2)
    }

    @Test("An update of more than one weight would move the sum too far, and is no update of a private round")
    func weights() throws {
        var course = try Course(
            TestSeeds.first(1)[0], count: 5, mechanism: "tree:clip=0.5,noise=1", optimiser: "sgd")
        var (order, _) = try course.order([([1, 2, 3, 4, 5], .float32), ([1, 2, 3, 4, 6], .float32)])
        order.contributions[1].weight = 2
        #expect(ModelMaker(store: course.store).make(order) == .damagedContributions([ClientID(index: 1)]))
    }
}
