// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "embedded-client",
    platforms: [.macOS(.v15)],
    dependencies: [
        // In a package of your own: the address of Tributary's repository, with a version.
        .package(name: "tributary", path: "../..")
    ],
    targets: [
        .executableTarget(
            name: "embedded-client",
            dependencies: [
                .product(name: "TributaryClient", package: "tributary"),
                .product(name: "TributaryCore", package: "tributary"),
            ])
    ]
)
