// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who builds Tributary has to fetch or build the benchmark framework.
let package = Package(
    name: "tributary-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "tributary", path: ".."),
        // Without its default trait it needs no jemalloc; we count no allocations.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "TributaryBenchmarks",
            dependencies: [
                .product(name: "Benchmark", package: "benchmark"),
                .product(name: "TributaryMath", package: "tributary"),
                .product(name: "TributaryBLAS", package: "tributary"),
                .product(name: "TributaryCore", package: "tributary"),
                .product(name: "TributaryLearning", package: "tributary"),
                .product(name: "TributaryWire", package: "tributary"),
                .product(name: "TributarySimulation", package: "tributary"),
                .product(name: "TributaryReports", package: "tributary"),
            ],
            path: "TributaryBenchmarks",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
    ]
)
