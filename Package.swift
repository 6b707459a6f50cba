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
        .library(name: "TributaryBLAS", targets: ["TributaryBLAS"]),
        .library(name: "TributaryCore", targets: ["TributaryCore"]),
        .library(name: "TributaryLearning", targets: ["TributaryLearning"]),
        .library(name: "TributaryWire", targets: ["TributaryWire"]),
        .library(name: "TributaryStore", targets: ["TributaryStore"]),
        .library(name: "TributaryServer", targets: ["TributaryServer"]),
        .library(name: "TributaryClient", targets: ["TributaryClient"]),
        .library(name: "TributaryFleet", targets: ["TributaryFleet"]),
        .library(name: "TributarySimulation", targets: ["TributarySimulation"]),
        .library(name: "TributaryReports", targets: ["TributaryReports"]),
        .library(name: "TributaryTesting", targets: ["TributaryTesting"]),
        .library(name: "TributaryTorture", targets: ["TributaryTorture"]),
        .executable(name: "tributary", targets: ["tributary"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // The wire: messages, the server, the client.
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.1"),
        // Durable state.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // What an operator's process needs.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: ["JSON", "YAML", "CommandLineArguments"]),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
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
        .target(name: "TributaryGzip", dependencies: ["CZlib"], swiftSettings: strict),

        .target(
            name: "TributaryMath", dependencies: ["CTributaryKernels"], swiftSettings: strict),
        // Apart from the rest of the mathematics, so that an app with a trainer of its own needs no BLAS.
        .target(
            name: "TributaryBLAS",
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
                "TributaryCore", "TributaryMath", "TributaryBLAS", "TributaryDatasets", "TributaryGzip",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(
            name: "TributaryWire",
            dependencies: [
                "TributaryCore", "TributaryMath", "TributaryGzip",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(
            name: "TributaryStore",
            dependencies: [
                "TributaryCore", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        // What is done with the bytes of a round, on the calling thread: a server and a simulator do the same.
        .target(
            name: "TributaryAggregation",
            dependencies: [
                "TributaryCore", "TributaryMath", "TributaryWire", "TributaryStore",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(
            name: "TributaryServer",
            dependencies: [
                "TributaryCore", "TributaryMath", "TributaryWire", "TributaryStore", "TributaryAggregation",
                "TributaryReports", "TributaryGzip",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdHTTP2", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP2", package: "swift-nio-extras"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        // No server, no BLAS: what an app takes in.
        .target(
            name: "TributaryClient",
            dependencies: [
                "TributaryCore", "TributaryMath", "TributaryWire",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(name: "TributaryReports", dependencies: ["TributaryCore"], swiftSettings: strict),
        .target(
            name: "TributarySimulation",
            dependencies: [
                "TributaryCore", "TributaryMath", "TributaryBLAS", "TributaryLearning", "TributaryWire",
                "TributaryReports",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(
            name: "TributaryFleet",
            dependencies: [
                "TributaryCore", "TributaryMath", "TributaryBLAS", "TributaryLearning", "TributaryWire",
                "TributaryClient", "TributarySimulation",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(
            name: "TributaryTesting",
            dependencies: [
                "TributaryCore", "TributaryMath", "TributaryStore", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        // The world in which everything that can go wrong does, on one thread and from one seed.
        .target(
            name: "TributaryTorture",
            dependencies: [
                "TributaryCore", "TributaryMath", "TributaryWire", "TributaryStore", "TributaryAggregation",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "tributary",
            dependencies: [
                "TributaryCore", "TributaryMath", "TributaryBLAS", "TributaryLearning", "TributaryWire",
                "TributaryReports", "TributarySimulation", "TributaryStore", "TributaryServer", "TributaryClient",
                "TributaryFleet", "TributaryTorture",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),

        .testTarget(
            name: "TributaryMathTests",
            dependencies: ["TributaryMath", "TributaryTesting", .product(name: "BigInt", package: "BigInt")],
            swiftSettings: strict),
        .testTarget(
            name: "TributaryBLASTests", dependencies: ["TributaryBLAS", "TributaryMath", "TributaryTesting"],
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
            name: "TributaryWireTests",
            dependencies: [
                "TributaryWire", "TributaryTesting", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TributaryStoreTests",
            dependencies: [
                "TributaryStore", "TributaryCore", "TributaryMath", "TributaryTesting",
                .product(name: "GRDB", package: "GRDB.swift"), .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TributaryAggregationTests",
            dependencies: [
                "TributaryAggregation", "TributaryCore", "TributaryMath", "TributaryStore", "TributaryTesting",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TributaryServerTests",
            dependencies: [
                "TributaryServer", "TributaryClient", "TributaryStore", "TributaryWire", "TributaryCore",
                "TributaryTesting", "TributaryMath", "TributaryReports", "CZlib",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TributaryTortureTests",
            dependencies: [
                "TributaryTorture", "TributaryCore", "TributaryMath", "TributaryStore", "TributaryTesting",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TributaryClientTests",
            dependencies: [
                "TributaryClient", "TributaryWire", "TributaryCore", "TributaryMath", "TributaryTesting",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TributaryFleetTests",
            dependencies: [
                "TributaryFleet", "TributaryClient", "TributaryWire", "TributaryCore", "TributaryMath",
                "TributarySimulation", "TributaryTesting", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TributaryReportsTests",
            dependencies: ["TributaryReports", "TributaryCore", "TributaryMath"],
            swiftSettings: strict),
        .testTarget(
            name: "TributarySimulationTests",
            dependencies: ["TributarySimulation", "TributaryLearning", "TributaryWire", "TributaryTesting"],
            swiftSettings: strict),
        .testTarget(
            name: "TributaryCommandTests",
            dependencies: ["tributary", "TributaryReports", "TributaryWire"],
            swiftSettings: strict),
    ]
)
