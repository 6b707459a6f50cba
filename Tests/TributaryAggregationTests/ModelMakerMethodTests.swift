import Testing
import TributaryAggregation
import TributaryCore
import TributaryMath
import TributaryStore
import TributaryTesting

/// Models of rounds with a method: the bits that simulation makes of whole vectors.
@Suite struct ModelMakerMethodTests {
    static let methods: [any FederatedMethod] = {
        var proximal = ProximalMethod()
        proximal.isAdaptive = true
        return [NormalisedMethod(), FairAveraging(), FairGradient(), proximal, DynamicMethod()]
    }()

    @Test("Pieces give the bits of a method's step on whole models, round after round", arguments: 0..<5)
    func wholeModels(place: Int) throws {
        let method = Self.methods[place]
        var round = try ModelMakerTests.Case(TestSeeds.first(5)[place], count: 300, clients: 5)
        var stream = Seed(UInt64(place)).derived("figures").stream()
        var weights = round.base
        var state = MethodState(
            form: method.form.name,
            vectors: OptimiserState(initial: method.form.serverVectors, parameterCount: weights.count),
            figures: method.initialFigures(populationSize: 9), clients: .none)
        var vectors: [TensorBlob] = []
        var kept = OptimiserState(initial: ServerMomentum().stateForm, parameterCount: weights.count)
        for number in 1...4 {
            round.order.step = ServerStep(ServerMomentum(), StepContext(learningRate: 0.1, number: number))
            let contributions = round.order.contributions.map { row in
                MethodContribution(
                    client: row.client, weight: row.weight,
                    figures: method.form.figures.map { _ in 0.1 + stream.uniform() })
            }
            var figures = state.figures
            round.order.method = MethodOrder(
                method, factors: method.advance(&figures, by: contributions, populationSize: 9), vectors: vectors)
            var mean = try Self.mean(of: round)
            MethodStep(method, populationSize: 9)
                .advance(&mean, message: [], contributions: contributions, state: &state)
            let norm = round.order.step.advance(&weights, state: &kept, along: mean)
            guard case .made(let model, let blobs, let made) = round.maker.make(round.order) else {
                Issue.record("no model was made")
                return
            }
            let isSame = try round.store.floats(model)?.map(\.bitPattern) == weights.map(\.bitPattern)
            #expect(isSame && made == norm)
            (round.order.base, round.order.state, vectors) = (model, [blobs[0]], Array(blobs.dropFirst()))
            #expect(vectors.count == method.form.server.count)
            for (vector, blob) in vectors.enumerated() {
                let found = try round.store.floats(blob)?.map(\.bitPattern)
                #expect(found == state.vectors.vector(vector).map(\.bitPattern))
            }
        }
    }

    /// A round of SCAFFOLD: an order, and what is in its updates' bytes.
    private func scaffold() throws -> (round: ModelMakerTests.Case, messages: [[Float]]) {
        var round = try ModelMakerTests.Case(TestSeeds.first(1)[0], count: 300, clients: 5, encodings: [.float32])
        var stream = Seed(3).derived("messages").stream()
        var messages: [[Float]] = []
        for place in round.order.contributions.indices {
            let message = (0..<300).map { _ in Float(stream.uniform() * 4 - 2) }
            let blob = try round.store.put(round.updates[place].values + message, .float32).blob
            round.order.contributions[place].update.blob = UpdateBlob(blob)
            round.order.contributions[place].weight = 1
            round.updates[place].weight = 1
            messages.append(message)
        }
        return (round, messages)
    }

    @Test("Messages are summed apart from the updates that they come with, and exactly")
    func messages() throws {
        var (round, messages) = try scaffold()
        let method = ScaffoldMethod()
        let contributions = round.order.contributions.map {
            MethodContribution(client: $0.client, weight: 1, figures: [])
        }
        var state = MethodState(
            form: method.form.name,
            vectors: OptimiserState(initial: method.form.serverVectors, parameterCount: 300), figures: [],
            clients: .none)
        var sum = try #require(UpdateSum(parameterCount: 300, bound: Float(method.bound), weightLimit: 5))
        for message in messages { _ = sum.add(message, weight: 1) }
        var (weights, vectors) = (round.base, [TensorBlob]())
        for _ in 1...3 {
            var (figures, mean) = ([Double](), try Self.mean(of: round))
            let factors = method.advance(&figures, by: contributions, populationSize: 9)
            round.order.method = MethodOrder(method, factors: factors, vectors: vectors)
            MethodStep(method, populationSize: 9)
                .advance(&mean, message: try #require(sum.mean()), contributions: contributions, state: &state)
            var kept = OptimiserState.none
            _ = round.order.step.advance(&weights, state: &kept, along: mean)
            let result = round.maker.make(round.order)
            guard case .made(let model, let blobs, _) = result else {
                Issue.record("no model was made")
                return
            }
            #expect(try round.store.floats(model)?.map(\.bitPattern) == weights.map(\.bitPattern))
            let control = try round.store.floats(try #require(blobs.first))
            #expect(control?.map(\.bitPattern) == state.vectors.values.map(\.bitPattern))
            for count in 1...3 {
                var limits = round.limits
                limits.concurrentReads = count
                #expect(ModelMaker(store: round.store, limits: limits).make(round.order) == result)
            }
            (round.order.base, vectors) = (model, blobs)
        }
    }

    @Test("A message whose bytes have changed names its client", arguments: [0, 1199, 1200, 2399])
    func damagedMessage(byte: Int) throws {
        var (round, _) = try scaffold()
        round.order.method = MethodOrder(ScaffoldMethod(), factors: [0.5])
        round.store.damage(round.order.contributions[3].update.blob.digest, at: byte)
        #expect(round.maker.make(round.order) == .damagedContributions([ClientID(3)]))
    }

    @Test("A message has bounds of its own, and no part in the update's norm")
    func checking() throws {
        let store = MemoryBlobStore()
        let task = try #require(TaskID("a/1/train"))
        let cases: [([Float], UpdateVerdict)] = [
            ([3, 4, 0, 0.5, -0.5, 0.25], .sound(norm: 5)), ([3, 4, 0, 0.5, -0.75, 0], .refused(.outOfBound)),
            ([3, 4, 9, 0, 0, 0], .refused(.outOfBound)), ([3, 4, 0, .nan, 0, 0], .refused(.notFinite)),
            ([3, 4, 0], .refused(.wrongSize)), ([3, 4, 0, 0, 0, 0, 0, 0, 0], .refused(.wrongSize)),
        ]
        for (values, verdict) in cases {
            let blob = try store.put(values, .float32).blob
            let check = UpdateCheck(
                task: task, client: ClientID(1), blob: UpdateBlob(blob), parameterCount: 3, bound: 8,
                messageBounds: [0.5])
            #expect(UpdateChecker(store: store).check(check) == verdict, "\(values)")
        }
    }

    @Test("What a method keeps is not built upon if it has changed, and is named")
    func damagedState() throws {
        var round = try ModelMakerTests.Case(TestSeeds.first(1)[0], count: 200, clients: 3)
        round.order.method = MethodOrder(DynamicMethod(), factors: [0.1])
        guard case .made(let model, let kept, _) = round.maker.make(round.order) else {
            Issue.record("no model was made")
            return
        }
        round.order.base = model
        round.order.method?.vectors = kept
        round.store.damage(kept[0].digest, at: 5)
        guard case .damagedBase(let reason) = round.maker.make(round.order) else {
            Issue.record("a damaged state was used")
            return
        }
        #expect(reason.contains("method") && reason.contains(kept[0].digest.rawValue))
    }

    static func mean(of round: ModelMakerTests.Case) throws -> [Double] {
        var sum = try #require(
            UpdateSum(
                parameterCount: round.base.count, bound: 8, weightLimit: round.updates.reduce(0) { $0 + $1.weight }))
        for update in round.updates { _ = sum.add(update.values, weight: update.weight) }
        return try #require(sum.mean())
    }
}
