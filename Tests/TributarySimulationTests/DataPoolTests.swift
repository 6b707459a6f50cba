import Testing
import TributaryCore
import TributaryLearning
import TributarySimulation

/// Data that runs share.
@Suite struct DataPoolTests {
    private func plans() -> [Plan] {
        [(1, 0.1), (2, 0.1), (1, 0.2), (2, 0.2)].map { (seed: UInt64, rate: Double) in
            var plan = Plan()
            plan.data.set = "synthetic"
            plan.seed = seed
            plan.local.learningRate = rate
            return plan
        }
    }

    @Test func whatComesFromAPoolIsWhatWouldBeLoaded() throws {
        var pool = DataPool(for: plans())
        for plan in plans() {
            let (alone, pooled) = (try Assembly(plan), try Assembly(plan, from: &pool))
            #expect(pooled.plan == alone.plan)
            let data = pooled.makeRecord(version: "test", workers: 1).data
            #expect(data == alone.makeRecord(version: "test", workers: 1).data)
            #expect(data.sha256 == alone.dataset.sha256)
            #expect((0..<30).allSatisfy { pooled.shards.shard(of: $0).train == alone.shards.shard(of: $0).train })
        }
    }

    @Test func dataIsHeldUntilTheLastPlanHasIt() throws {
        var pool = DataPool(for: plans())
        var counts: [Int] = []
        for plan in plans() {
            _ = try Assembly(plan, from: &pool)
            counts.append(pool.count)
        }
        #expect(counts == [1, 2, 1, 0])
    }
}
