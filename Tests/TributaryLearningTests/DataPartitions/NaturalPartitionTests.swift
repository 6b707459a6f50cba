import Testing
import TributaryLearning
import TributaryMath

struct NaturalPartitionTests {
    private func owned(test: Bool) -> Dataset {
        let owners: [UInt32] = [0, 2, 2, 0, 3, 3, 3, 3]
        let table = Examples(
            features: .numbers([Float](repeating: 0, count: 8)), labels: .numbers([Float](repeating: 0, count: 8)),
            shape: [1])
        let central = Examples(features: .numbers([0, 0, 0]), labels: .numbers([0, 0, 0]), shape: [1])
        // Owner 1 has no training row.
        return Dataset(
            name: "owned", train: table, test: test ? central : nil,
            naturalClients: .init(
                names: ["a", "b", "c", "d"], owners: owners, testOwners: test ? [3, 1, 0] : nil))
    }

    @Test func ownersKeepTheirRows() throws {
        let source = try Partitioning.natural.makeShards(owned(test: false), clients: nil, seed: Seed(1))
        #expect(shards(source).map { $0.train.sorted() } == [[0, 3], [1, 2], [4, 5, 6, 7]])
    }

    @Test func fewerClientsAreDrawnBySeed() throws {
        var drawn = Set<[UInt32]>()
        for seed in 0..<30 {
            let source = try Partitioning.natural.makeShards(owned(test: false), clients: 1, seed: Seed(UInt64(seed)))
            #expect(source.clientCount == 1)
            drawn.insert(source.shard(of: 0).train.sorted())
        }
        #expect(drawn == [[0, 3], [1, 2], [4, 5, 6, 7]])
        let error = dataError { _ = try Partitioning.natural.makeShards(owned(test: false), clients: 4, seed: Seed(1)) }
        #expect(error?.description.contains("only 3 by nature") == true)
    }

    @Test func testRowsComeFromTheCentralTableWhereOwnersAreKnown() throws {
        let source = try Partitioning.natural.makeShards(
            owned(test: true), clients: nil, holdOut: HoldOut(validation: 0.25, test: 0.5), seed: Seed(1))
        let all = shards(source)
        #expect(all.map { Array($0.centralTest) } == [[2], [], [0]])
        #expect(all.allSatisfy { $0.test.isEmpty })
        #expect(all[2].validation.count == 1 && all[2].train.count == 3)
    }

    @Test func heldOutPartsAreSharesOfEachClient() throws {
        let holdOut = try HoldOut(validation: 0.1, test: 0.2)
        let source = try Partitioning.iid.makeShards(
            labelled(300, classCount: 2), clients: 10, holdOut: holdOut, seed: Seed(1))
        for shard in shards(source) {
            #expect([shard.train.count, shard.validation.count, shard.test.count] == [21, 3, 6])
        }
        for (validation, test) in [(0.5, 0.5), (-0.1, 0), (0, 1), (.nan, 0)] {
            #expect(dataError { _ = try HoldOut(validation: validation, test: test) }?.code == .badRequest)
        }
    }
}
