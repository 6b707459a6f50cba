import Testing
import TributaryCore
import TributaryMath

/// Which tensors stay with clients, and what is done with them.
@Suite struct HeadSelectionTests {
    private let layout = TensorLayout([
        ("Conv.weight", [2, 2]), ("dense1.weight", [3]), ("dense1.bias", [1]), ("dense2.weight", [2]),
        ("dense2.bias", [1]),
    ])

    @Test(arguments: [
        ("1", [8..<10, 10..<11]), ("2", [4..<7, 7..<8, 8..<10, 10..<11]), ("dense2", [8..<10, 10..<11]),
        ("dense1.b+dense2.w", [7..<8, 8..<10]), ("conv", [0..<4]), ("Conv.weight+dense2.bias", [0..<4, 10..<11]),
        ("dense", [4..<7, 7..<8, 8..<10, 10..<11]),
    ])
    func namesAndNumbersOfLayers(text: String, ranges: [Range<Int>]) throws {
        let selection = try #require(HeadSelection(planText: text))
        #expect(try selection.head(in: layout).ranges == ranges)
        #expect(HeadSelection(planText: selection.planText) == selection)
    }

    /// There is no way of saying that nothing stays.
    @Test(arguments: ["0", "-1", "", "+", "dense1+", "+dense1"])
    func anEmptyHeadCannotBeSaid(text: String) {
        #expect(HeadSelection(planText: text) == nil)
        for part in ["fedper", "fedrep"] {
            var plan = Plan()
            #expect(throws: PlanError.self) {
                try plan.set("strategy.personalisation", to: "\(part):head=\(text)")
                _ = try Strategy(plan)
            }
        }
    }

    @Test(arguments: [
        ("dense3", "begins with 'dense3'"), ("dense1+nose", "begins with 'nose'"), ("3", "whole model"),
        ("9", "whole model"), ("c+d", "whole model"),
    ])
    func refusalsNameTheTensors(text: String, words: String) throws {
        let selection = try #require(HeadSelection(planText: text))
        let error = #expect(throws: PlanError.self) { try selection.head(in: layout) }
        let line = try #require(error?.description)
        #expect(line.contains(words) && line.contains("head=\(text)") && !line.contains("\n"))
        #expect(line.contains("Conv.weight, dense1.weight, dense1.bias, dense2.weight, dense2.bias"))
    }

    /// Head and base are a partition, and what is taken out of a vector can be put back.
    @Test func partsOfRandomVectorsMakeTheWhole() {
        for seed: UInt64 in 0..<200 {
            var stream = Seed(seed).stream()
            let count = 1 + stream.uniform(below: 30)
            let places = (0..<count).map { _ in stream.bernoulli(0.4) }
            let ranges = places.indices.filter { places[$0] }.map { $0..<$0 + 1 }
            let head = ModelHead(ranges, parameterCount: count)
            let vector = (0..<count).map { _ in Float(stream.normal()) }
            #expect((head.ranges + head.base).flatMap { Array($0) }.sorted() == Array(0..<count))
            #expect(head.count + head.baseCount == count && head.isEmpty == !places.contains(true))
            var rebuilt = head.whole(head.shared(of: vector))
            #expect(zip(rebuilt, places).allSatisfy { !$1 || $0 == 0 })
            head.put(head.gathered(from: vector), into: &rebuilt)
            #expect(rebuilt == vector)
            head.clear(&rebuilt)
            #expect(rebuilt == head.whole(head.shared(of: vector)))
        }
    }
}

/// What a client has for itself in APFL, against plain loops.
@Suite struct ModelMixtureTests {
    @Test func mixturesAndSlopes() {
        for seed: UInt64 in 0..<100 {
            var stream = Seed(seed).stream()
            let count = stream.uniform(below: 40)
            func vector() -> [Float] { (0..<count).map { _ in Float(stream.normal()) } }
            let (own, shared, gradient, share) = (vector(), vector(), vector(), stream.uniform())
            var mixture = ModelMixture(own: own, share: share, shareRate: 0.5, solver: LocalSolver())
            let mixed = mixture.mixed(with: shared)
            #expect(mixed.count == count)
            for index in 0..<count {
                let expected = share * Double(own[index]) + (1 - share) * Double(shared[index])
                #expect(abs(Double(mixed[index]) - expected) < 1e-6)
            }
            let slope = (0..<count).reduce(0.0) { $0 + Double(gradient[$1]) * Double(own[$1] - shared[$1]) }
            #expect(abs(mixture.slope(gradient, with: shared) - slope) < 1e-4)
            mixture.adapt(to: slope)
            #expect(abs(mixture.share - min(max(share - 0.5 * slope, 0), 1)) < 1e-12)
            mixture.adapt(to: .nan)
            #expect((0...1).contains(mixture.share))
        }
    }
}
