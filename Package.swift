// swift-tools-version: 6.2
import PackageDescription

/// Our own targets are held to the strictest build; dependencies are built as they come.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InferIsolatedConformances"),
]

let package = Package(
    name: "tributary",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "TributaryMath", targets: ["TributaryMath"]),
        .library(name: "TributaryCore", targets: ["TributaryCore"]),
        .library(name: "TributaryLearning", targets: ["TributaryLearning"]),
        .library(name: "TributaryWire", targets: ["TributaryWire"]),
        .library(name: "TributarySimulation", targets: ["TributarySimulation"]),
        .library(name: "TributaryReports", targets: ["TributaryReports"]),
        .library(name: "TributaryTesting", targets: ["TributaryTesting"]),
        .executable(name: "tributary", targets: ["tributary"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // Tests only.
        .package(url: "https://github.com/attaswift/BigInt", from: "6.0.1"),
    ],
    targets: [
        .systemLibrary(
            name: "COpenBLAS", pkgConfig: "openblas",
            providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
        .systemLibrary(
            name: "CZlib", pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .target(name: "CTributaryKernels", cSettings: [.define("NDEBUG")]),

        .target(
            name: "TributaryMath",
            dependencies: [
                .target(name: "COpenBLAS", condition: .when(platforms: [.linux])),
                "CTributaryKernels",
            ],
            swiftSettings: strict),
        .target(name: "TributaryCore", dependencies: ["TributaryMath"], swiftSettings: strict),
        // The manifests of the named data sets, compiled in so that the binary can be moved about alone.
        .target(
            name: "TributaryDatasets",
            path: "datasets",
            exclude: ["README.md"],
            sources: ["EmbeddedManifests.swift"],
            resources: [
                .embedInCode("digits.json"), .embedInCode("fashion-mnist.json"), .embedInCode("heart-disease.json"),
                .embedInCode("mnist.json"), .embedInCode("mnist-writers.json"), .embedInCode("shakespeare.json"),
            ],
            swiftSettings: strict),
        .target(
            name: "TributaryLearning",
            dependencies: [
                "TributaryCore", "TributaryMath", "TributaryDatasets", "CZlib",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(
            name: "TributaryWire",
            dependencies: ["TributaryCore"],
            swiftSettings: strict),
        .target(name: "TributaryReports", dependencies: ["TributaryCore"], swiftSettings: strict),
        .target(
            name: "TributarySimulation",
            dependencies: [
                "TributaryCore", "TributaryMath", "TributaryLearning", "TributaryWire", "TributaryReports",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(
            name: "TributaryTesting",
            dependencies: ["TributaryCore", "TributaryMath"],
            swiftSettings: strict),
        .executableTarget(
            name: "tributary",
            dependencies: [
                "TributaryCore", "TributaryLearning", "TributaryWire", "TributaryReports", "TributarySimulation",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),

        .testTarget(
            name: "TributaryMathTests",
            dependencies: ["TributaryMath", "TributaryTesting", .product(name: "BigInt", package: "BigInt")],
            swiftSettings: strict),
        .testTarget(
            name: "TributaryCoreTests",
            dependencies: ["TributaryCore", "TributaryTesting", .product(name: "BigInt", package: "BigInt")],
            swiftSettings: strict),
        .testTarget(
            name: "TributaryLearningTests",
            dependencies: [
                "TributaryLearning", "TributaryTesting", "CZlib", .product(name: "Crypto", package: "swift-crypto"),
            ],
            resources: [.copy("Fixtures")],
            swiftSettings: strict),
        .testTarget(
            name: "TributaryWireTests", dependencies: ["TributaryWire", "TributaryTesting"], swiftSettings: strict),
        .testTarget(
            name: "TributaryReportsTests",
            dependencies: ["TributaryReports", "TributaryCore", "TributaryMath"],
            swiftSettings: strict),
        .testTarget(
            name: "TributarySimulationTests",
            dependencies: ["TributarySimulation", "TributaryLearning", "TributaryTesting"],
            swiftSettings: strict),
        .testTarget(
            name: "TributaryCommandTests",
            dependencies: ["tributary", "TributaryReports", "TributaryWire"],
            swiftSettings: strict),
    ]
)
