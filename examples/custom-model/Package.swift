// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "custom-model",
    platforms: [.macOS(.v15)],
    dependencies: [
        // In a package of your own: the address of Tributary's repository, with a version.
        .package(name: "tributary", path: "../..")
    ],
    targets: [
        .executableTarget(
            name: "custom-model",
            dependencies: [
                .product(name: "TributaryMath", package: "tributary"),
                .product(name: "TributaryCore", package: "tributary"),
                .product(name: "TributaryLearning", package: "tributary"),
                .product(name: "TributarySimulation", package: "tributary"),
                .product(name: "TributaryReports", package: "tributary"),
            ])
    ]
)
