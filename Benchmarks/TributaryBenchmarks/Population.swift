import Benchmark
import TributaryCore
import TributaryMath

/// Selection out of a large population.
func measurePopulation() {
    for selection in [CohortSelection.uniform, .poisson] {
        let name = "Select 1,000 of 1,000,000 clients, \(selection)"
        Benchmark(name, configuration: .init(maxDuration: .seconds(2), maxIterations: 2_000)) { benchmark in
            let selector = CohortSelector(selection: selection, populationSize: 1_000_000, inviteCount: 1_000)
            let seed = Seed(1).derived("cohort", UInt64(benchmark.currentIteration))
            blackHole(selector.cohort(seed: seed))
        }
    }
}
