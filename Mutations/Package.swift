// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that only what a tortured world needs is built for each mutation.
let package = Package(
    name: "mutations",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "tributary", path: "..")],
    targets: [
        .executableTarget(
            name: "play", dependencies: [.product(name: "TributaryTorture", package: "tributary")])
    ]
)
