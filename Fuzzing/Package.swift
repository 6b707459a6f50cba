// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who builds Tributary builds it. CONTRIBUTING.md says how to run it.
let package = Package(
    name: "tributary-fuzzing",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "tributary", path: ".."),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    ],
    targets: [
        // The decoders of bytes from outside, each with inputs to begin from.
        .target(
            name: "FuzzTargets",
            dependencies: [
                .product(name: "TributaryCore", package: "tributary"),
                .product(name: "TributaryLearning", package: "tributary"),
                .product(name: "TributaryMath", package: "tributary"),
                .product(name: "TributaryWire", package: "tributary"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ]),
        // Damages the inputs at random, from a seed; needs nothing but Swift.
        .executableTarget(
            name: "fuzz",
            dependencies: ["FuzzTargets", .product(name: "TributaryMath", package: "tributary")]),
    ]
)

// Damages them guided by coverage, with LLVM's libFuzzer, which brings its own main function.
if Context.environment["LIBFUZZER"] != nil {
    package.targets.append(
        .executableTarget(
            name: "LibFuzzer", dependencies: ["FuzzTargets"],
            swiftSettings: [.unsafeFlags(["-parse-as-library"])],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]))
}
