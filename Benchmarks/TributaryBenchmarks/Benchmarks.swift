import Benchmark

let benchmarks: @Sendable () -> Void = {
    Environment.announce()
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .cpuTotal, .peakMemoryResident], warmupIterations: 1, maxDuration: .seconds(4),
        maxIterations: 200)
    measureRounds()
    measureSums()
    measureRobustRules()
    measureEncodings()
    measurePopulation()
    measureOutput()
}
