import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

@Suite struct CohortSelectorTests {
    @Test(arguments: TestSeeds.first(50))
    func aUniformCohortHasTheWantedNumberOfDistinctClients(seed: Seed) {
        var stream = seed.stream()
        let population = 1 + stream.uniform(below: 200)
        let count = 1 + stream.uniform(below: 250)
        let cohort = selector(.uniform, population, count).cohort(seed: seed)
        #expect(cohort.count == min(count, population))
        #expect(cohort == Set(cohort).sorted())
        #expect(cohort.allSatisfy { $0.index < population })
    }

    @Test func clientsThatAreNotEligibleAreReplacedWhereThatIsPossible() {
        for seed in TestSeeds.first(50) {
            let cohort = selector(.uniform, 100, 20).cohort(seed: seed) { $0.index % 2 == 0 }
            #expect(cohort.count == 20 && cohort.allSatisfy { $0.index % 2 == 0 })
            #expect(selector(.uniform, 100, 20).cohort(seed: seed) { $0.index < 5 }.count == 5)
            #expect(selector(.all, 10, 1).cohort(seed: seed) { $0.index != 3 }.count == 9)
        }
    }

    @Test func poissonSamplingInvitesEachClientIndependently() {
        var counts = [Int](repeating: 0, count: 50)
        var sizes: [Double] = []
        for seed in TestSeeds.first(4000) {
            let cohort = selector(.poisson, 50, 10).cohort(seed: seed)
            #expect(cohort == Set(cohort).sorted())
            sizes.append(Double(cohort.count))
            for client in cohort { counts[client.index] += 1 }
        }
        // Each client: binomial(4000, 0.2), mean 800, deviation 25.3. Sizes: variance 50 · 0.2 · 0.8 = 8.
        #expect(counts.allSatisfy { abs($0 - 800) < 140 })
        let mean = sizes.reduce(0, +) / 4000
        let variance = sizes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4000
        #expect(abs(mean - 10) < 0.3 && abs(variance - 8) < 1)
    }

    @Test func aMillionClientsAreNoMoreWorkThanAThousand() {
        // Would not end within the test's patience if selection visited every client.
        let selector = selector(.uniform, 1 << 60, 1000)
        #expect(Set(selector.cohort(seed: Seed(5))).count == 1000)
    }

    private func selector(_ selection: CohortSelection, _ population: Int, _ count: Int) -> CohortSelector {
        CohortSelector(selection: selection, populationSize: population, inviteCount: count)
    }
}
