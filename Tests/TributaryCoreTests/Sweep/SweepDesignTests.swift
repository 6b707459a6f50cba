import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

/// What a sweep tries: grids, seeds, names, and what is refused.
@Suite struct SweepDesignTests {
    private func axis(_ field: String, _ values: String, on base: Plan = Plan()) throws -> SweepAxis {
        try SweepAxis(field: field, values: values, on: base)
    }

    private func design(
        _ axes: [(String, String)], on base: Plan = Plan(), samples: Int? = nil, sampleSeed: UInt64? = nil,
        seeds: Int? = nil
    ) throws -> SweepDesign {
        try SweepDesign(
            base: base, axes: axes.map { try axis($0.0, $0.1, on: base) }, sampleCount: samples,
            sampleSeed: sampleSeed, seedCount: seeds)
    }

    @Test func aGridIsEveryCombinationWithTheLastAxisFastest() throws {
        let design = try design(
            [("local.learning-rate", "0.01,0.1"), ("model", "mlp:8|mlp:8,8|softmax"), ("local.epochs", "1,5")], seeds: 2
        )
        var expected: [[String]] = []
        for rate in ["0.01", "0.1"] {
            for model in ["mlp:8", "mlp:8,8", "softmax"] {
                for epochs in ["1", "5"] { expected.append([rate, model, epochs]) }
            }
        }
        #expect(design.settings.map(\.values) == expected)
        #expect(design.settings.map(\.number) == Array(1...12))
        #expect(design.runs.map(\.seed) == (0..<12).flatMap { _ in [1, 2] as [UInt64] })
        #expect(design.runs.map(\.setting) == design.settings.flatMap { [$0, $0] })
    }

    @Test func aRunsPlanIsTheBaseWithItsValuesAndItsSeed() throws {
        var base = Plan()
        base.seed = 40
        base.rounds = 7
        let design = try design(
            [("local.learning-rate", "0.5"), ("data.partition", "iid,shards:2")], on: base, seeds: 3)
        for (place, run) in design.runs.enumerated() {
            var expected = base
            expected.local.learningRate = 0.5
            expected.data.partition = place < 3 ? "iid" : "shards:2"
            expected.seed = 40 + UInt64(place % 3)
            #expect(try design.plan(of: run) == expected)
        }
    }

    @Test func theOtherNameOfAChoiceGivesWay() throws {
        var base = Plan()
        (base.local.epochs, base.cohort.fraction) = (3, 0.5)
        let design = try design([("local.steps", "10,20"), ("cohort.count", "5")], on: base)
        let plan = try design.plan(of: design.runs[0])
        #expect(plan.local.epochs == nil && plan.local.steps == 10)
        #expect(plan.cohort.fraction == nil && plan.cohort.count == 5)
    }

    @Test func valuesThatDoNotFitOneAnotherAreRefusedRunByRun() throws {
        let design = try design([("algorithm", "fedavg,fedsgd"), ("local.epochs", "1,2")])
        #expect(design.runs.map { design.refusal(of: $0) == nil } == [true, true, true, false])
    }

    @Test func anAxisOfSeedsIsTheSeedsOfEverySetting() throws {
        let design = try design([("seed", "5,3"), ("local.momentum", "0,0.9")])
        #expect(design.axes.map(\.field) == ["local.momentum"])
        #expect(design.runs.map(\.seed) == [5, 3, 5, 3])
    }

    @Test func namesOfRunsArePlainAndNoTwoAlike() throws {
        let long = String(repeating: "sehr-lang/../", count: 30)
        let design = try design(
            [
                ("local.learning-rate", "0.1,1"), ("server.learning-rate", "1,2"),
                ("data.partition", "\(long)ä|\(long)ö"),
                ("model", "mlp:8,8|mlp:8_8"),
            ], seeds: 2)
        let names = design.runs.map(\.name)
        #expect(Set(names).count == 32)
        #expect(names[0].hasPrefix("01-local.learning-rate-0.1-server.learning-rate-1-partition-sehr-lang"))
        #expect(names.allSatisfy { $0.count < 150 && $0.allSatisfy { $0.isASCII && $0 != "/" && $0 != " " } })
        #expect(try self.design([("rounds", "1,2")]).runs.map(\.name) == ["1-rounds-1", "2-rounds-2"])
    }

    @Test(arguments: [
        ("lokal.epochs", "1", "unknown plan field 'lokal.epochs'; did you mean 'local.epochs'?"),
        ("local.epochs", "1,x", "local.epochs is 'x'; it must be a whole number from 1 to 100000, or none"),
        ("local.epochs", "1,,2", "local.epochs is ''; it must be"),
        ("local.learning-rate", "0.1,1e-1", "lists 0.1 twice"),
        ("local.learning-rate", "0..1", "local.learning-rate is '0'; it must be a number above 0"),
        ("local.learning-rate", "2..1", "the lower end comes first"),
        ("local.momentum", "0..0.5:log", "both ends must be above 0"),
        ("local.learning-rate", "0.1..nan", "local.learning-rate is '0.1..nan'"),
        ("local.learning-rate", "0.1..1:lg", "local.learning-rate is '0.1..1:lg'"),
    ])
    func anAxisThatCannotBeIsNamedWithTheReason(_ field: String, _ values: String, _ words: String) {
        let error = #expect(throws: PlanError.self) { try axis(field, values) }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }

    @Test func aDesignThatCannotBeIsRefusedWithTheReason() throws {
        let many = (1...101).map(String.init).joined(separator: ",")
        let refused: [(axes: [(String, String)], samples: Int?, sampleSeed: UInt64?, seeds: Int?, words: String)] = [
            ([], nil, nil, nil, "needs something to vary"),
            ([("local.epochs", "1,2"), ("local.epochs", "3")], nil, nil, nil, "local.epochs is an axis twice"),
            ([("local.epochs", "1..5")], nil, nil, nil, "--samples"),
            ([("local.epochs", "1,5")], nil, 3, nil, "--sweep-seed"),
            ([("local.epochs", "1..5")], 0, nil, nil, "--samples is 0"),
            ([("local.epochs", "1..5")], 6, nil, nil, "only 5 different settings"),
            ([("local.epochs", "1,2")], nil, nil, 0, "--seeds is 0"),
            ([("seed", "1,2")], nil, nil, 2, "give one of them"),
            ([("seed", "1..9")], 3, nil, nil, "seed is the range 1..9"),
            ([], 3, nil, 2, "there are none"),
            ([("local.epochs", many)], nil, nil, 100, "10100 runs, and 10000 is the most"),
            ([("local.epochs", many), ("local.batch-size", many), ("rounds", many)], nil, nil, 9, "10000 is the most"),
            ([("local.learning-rate", "0.1..0.2")], 10_000, nil, 2, "20000 runs"),
        ]
        for (axes, samples, sampleSeed, seeds, words) in refused {
            let error = #expect(throws: PlanError.self) {
                try design(axes, samples: samples, sampleSeed: sampleSeed, seeds: seeds)
            }
            #expect(error?.description.contains(words) == true, "\(words): \(String(describing: error))")
        }
        var last = Plan()
        last.seed = .max
        #expect(throws: PlanError.self) { try design([], on: last, seeds: 2) }
    }

    @Test func aRecordGivesTheDesignBackAndDifferencesAreNamed() throws {
        let axes = [("local.learning-rate", "0.001..0.1:log"), ("model", "mlp:8,8|softmax"), ("local.epochs", "1..5")]
        let design = try design(axes, samples: 20, sampleSeed: 9, seeds: 3)
        #expect(try SweepRecord(design, version: "x").design() == design)
        #expect(design.difference(from: design) == nil)
        let others = [
            (try self.design(axes, samples: 21, sampleSeed: 9, seeds: 3), "--samples was 20 and is now 21"),
            (try self.design(axes, samples: 20, sampleSeed: 8, seeds: 3), "--sweep-seed was 9 and is now 8"),
            (try self.design(axes, samples: 20, sampleSeed: 9), "the list of seeds was 1,2,3 and is now 1"),
            (try self.design(Array(axes.reversed()), samples: 20, sampleSeed: 9, seeds: 3), "in another order"),
            (
                try self.design(Array(axes.dropLast()), samples: 20, sampleSeed: 9, seeds: 3),
                "axis local.epochs was 1..5 and is now not there"
            ),
        ]
        for (other, words) in others { #expect(other.difference(from: design)?.contains(words) == true) }
    }
}
