import Testing
import TributaryLearning
import TributaryMath

/// A table of `count` examples whose labels are drawn by seed.
func labelled(_ count: Int, classCount: Int, seed: UInt64 = 1, even: Bool = false) -> Dataset {
    var stream = Seed(seed).derived("labels").stream()
    let labels = (0..<count).map { UInt16(even ? $0 % classCount : stream.uniform(below: classCount)) }
    let table = Examples(
        features: .bytes([UInt8](repeating: 0, count: count), scale: 1),
        labels: .classes(labels, classCount: classCount), shape: [1])
    return Dataset(name: "made", train: table, test: nil)
}

func labels(_ dataset: Dataset) -> [UInt16] {
    if case .classes(let labels, _) = dataset.train.labels { labels } else { [] }
}

func shards(_ source: any ShardSource) -> [Shard] { (0..<source.clientCount).map(source.shard(of:)) }

/// Labels held by each client.
func labelSets(_ source: any ShardSource, _ dataset: Dataset) -> [Set<UInt16>] {
    let labels = labels(dataset)
    return shards(source).map { Set($0.train.map { labels[Int($0)] }) }
}

struct PartitionTests {
    private static let dealt: [Partitioning] = [
        .iid, .shards(perClient: 2), .dirichlet(0.1), .dirichlet(100), .dirichletLabels(0.1), .dirichletLabels(100),
        .labelQuantity(2), .powerLaw(1.2),
    ]

    @Test(arguments: dealt)
    func everyExampleIsInExactlyOneShard(partitioning: Partitioning) throws {
        for seed in 0..<40 {
            var stream = Seed(UInt64(seed)).stream()
            let clients = 1 + stream.uniform(below: 60)
            let classes = 2 + stream.uniform(below: 9)
            let dataset = labelled(clients * 40 + stream.uniform(below: 900), classCount: classes, seed: UInt64(seed))
            let holdOut = try HoldOut(validation: 0.1, test: 0.25)
            guard
                let source = try? partitioning.makeShards(
                    dataset, clients: clients, holdOut: holdOut, seed: Seed(UInt64(seed)))
            else {
                // Too few clients for all classes is the only refusal these sizes allow.
                #expect(partitioning == .labelQuantity(2) && clients * 2 < classes)
                continue
            }
            let all = shards(source)
            #expect(all.count == clients)
            let rows = all.flatMap { Array($0.train) + Array($0.validation) + Array($0.test) }
            #expect(rows.sorted() == Array(0..<UInt32(dataset.train.count)))
            #expect(
                all.indices.allSatisfy { all[$0].train.count == source.trainCount(of: $0) && !all[$0].train.isEmpty })
        }
    }

    @Test(arguments: dealt)
    func theSeedDecides(partitioning: Partitioning) throws {
        let dataset = labelled(2000, classCount: 10)
        func rows(_ seed: UInt64) throws -> [[UInt32]] {
            shards(try partitioning.makeShards(dataset, clients: 20, seed: Seed(seed))).map { Array($0.train) }
        }
        #expect(try rows(5) == rows(5))
        #expect(try rows(5) != rows(6))
    }

    @Test func iidSizesDifferByAtMostOne() throws {
        let sizes = shards(try Partitioning.iid.makeShards(labelled(1003, classCount: 3), clients: 17, seed: Seed(1)))
            .map(\.count)
        #expect(Set(sizes) == [59])
        let uneven = shards(try Partitioning.iid.makeShards(labelled(1000, classCount: 3), clients: 17, seed: Seed(1)))
            .map(\.count)
        #expect(Set(uneven) == [58, 59])
    }

    /// There are C − 1 borders between classes in the sorted order, and only a piece over a border has two labels.
    @Test func labelShardsHoldFewLabels() throws {
        for seed in 0..<20 {
            let dataset = labelled(6000, classCount: 10, seed: UInt64(seed))
            let source = try Partitioning.shards(perClient: 2).makeShards(
                dataset, clients: 100, seed: Seed(UInt64(seed)))
            let sets = labelSets(source, dataset)
            #expect(sets.reduce(0) { $0 + $1.count } <= 2 * 100 + 9)
            #expect(sets.allSatisfy { $0.count <= 4 })
        }
    }

    @Test(arguments: [(5, 2), (7, 3), (40, 1), (33, 10), (20, 4)])
    func labelQuantityIsExact(clients: Int, quantity: Int) throws {
        let dataset = labelled(4000, classCount: 10, even: true)
        for seed in 0..<20 {
            let source = try Partitioning.labelQuantity(quantity).makeShards(
                dataset, clients: clients, seed: Seed(UInt64(seed)))
            let sets = labelSets(source, dataset)
            #expect(sets.allSatisfy { $0.count == quantity })
            let holders = (0..<10).map { label in sets.count { $0.contains(UInt16(label)) } }
            #expect((holders.max() ?? 0) - (holders.min() ?? 0) <= 1)
        }
    }

    @Test(arguments: [Partitioning.dirichlet(1e6), .dirichletLabels(1e6)])
    func largeAlphaIsNearlyIID(partitioning: Partitioning) throws {
        let dataset = labelled(10_000, classCount: 5, even: true)
        let all = labels(dataset)
        for shard in shards(try partitioning.makeShards(dataset, clients: 10, seed: Seed(1))) {
            for label in 0..<5 {
                let share = Double(shard.train.count { all[Int($0)] == label }) / Double(shard.count)
                #expect(abs(share - 0.2) < 0.08)
            }
        }
    }

    @Test func smallAlphaGivesAClassToOneClient() throws {
        let dataset = labelled(10_000, classCount: 10, even: true)
        let source = try Partitioning.dirichlet(1e-4).makeShards(dataset, clients: 5, seed: Seed(1))
        let all = labels(dataset)
        for label in 0..<10 {
            let held = shards(source).map { shard in shard.train.count { all[Int($0)] == label } }
            #expect((held.max() ?? 0) >= 990)
        }
        let equal = try Partitioning.dirichletLabels(1e-4).makeShards(dataset, clients: 10, seed: Seed(1))
        #expect(shards(equal).allSatisfy { $0.count == 1000 })
        #expect(labelSets(equal, dataset).map(\.count).min() == 1)
    }

    @Test func powerLawSizesFollowTheirRanks() throws {
        let source = try Partitioning.powerLaw(1).makeShards(
            labelled(60_000, classCount: 2), clients: 100, seed: Seed(1))
        let sizes = shards(source).map(\.count).sorted(by: >)
        #expect(abs(Double(sizes[0]) / Double(sizes[9]) - 10) < 0.5)
        let level = try Partitioning.powerLaw(0).makeShards(labelled(1000, classCount: 2), clients: 10, seed: Seed(1))
        #expect(shards(level).allSatisfy { $0.count == 100 })
    }

    @Test func resampledShardsNeedNoMemoryPerClient() throws {
        let dataset = labelled(500, classCount: 2)
        let source = try Partitioning.resample(20).makeShards(
            dataset, clients: 1_000_000, holdOut: HoldOut(test: 0.2), seed: Seed(1))
        #expect(source.clientCount == 1_000_000)
        for client in [0, 1, 999_999] {
            let shard = source.shard(of: client)
            #expect(shard.train.count == 16 && shard.test.count == 4 && source.trainCount(of: client) == 16)
            #expect(Set(shard.train).union(shard.test).count == 20)
            #expect(shard.train == source.shard(of: client).train)
        }
        #expect(source.shard(of: 0).train != source.shard(of: 1).train)
    }

    @Test func textAndValueAgree() throws {
        for text in [
            "iid", "shards:2", "dirichlet:0.1", "dirichlet-labels:0.25", "label-quantity:3", "power-law:1", "natural",
            "resample:20",
        ] {
            #expect(try Partitioning(parsing: text).description == text)
        }
        #expect(try Partitioning(parsing: "shards") == .shards(perClient: 2))
    }

    @Test(arguments: [
        "", "dirichlt:0.1", "shards:0", "shards:x", "shards:-1", "shards:99999999999999999999", "dirichlet:0",
        "dirichlet:-1", "dirichlet:nan", "dirichlet:inf", "dirichlet:", "iid:3", "power-law:-1", "resample:1.5",
    ])
    func malformedTextIsRefused(text: String) {
        #expect(dataError { _ = try Partitioning(parsing: text) }?.code == .badRequest)
    }

    @Test func nearNamesAreSuggested() {
        let error = dataError { _ = try Partitioning(parsing: "dirchlet:0.1") }
        #expect(error?.description.contains("did you mean “dirichlet”") == true)
    }

    @Test func whatCannotBeDividedIsRefused() throws {
        let dataset = labelled(10, classCount: 3, even: true)
        for (text, clients) in [
            ("iid", 11), ("iid", 0), ("iid", -1), ("shards:2", 6), ("shards:1000000000", 9), ("label-quantity:4", 5),
            ("label-quantity:1", 2), ("label-quantity:3", 10), ("resample:11", 5), ("natural", 2),
        ] {
            let error = dataError {
                _ = try Partitioning(parsing: text).makeShards(dataset, clients: clients, seed: Seed(1))
            }
            #expect(error?.code == .badRequest, "\(text) over \(clients)")
        }
        #expect(dataError { _ = try Partitioning.iid.makeShards(dataset, clients: nil, seed: Seed(1)) } != nil)
    }

    @Test func regressionHasNoLabelsToGoBy() throws {
        let table = Examples(features: .numbers([1, 2, 3]), labels: .numbers([1, 2, 3]), shape: [1])
        let dataset = Dataset(name: "r", train: table, test: nil)
        let error = dataError { _ = try Partitioning.dirichlet(1).makeShards(dataset, clients: 2, seed: Seed(1)) }
        #expect(error?.description.contains("regression") == true)
        #expect(try Partitioning.iid.makeShards(dataset, clients: 2, seed: Seed(1)).clientCount == 2)
    }
}
