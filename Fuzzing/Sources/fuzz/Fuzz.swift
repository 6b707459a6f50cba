import Foundation
import FuzzTargets
import TributaryMath

/// `fuzz [TARGET|all] [--seed S] [--iterations N]`: gives a decoder damaged inputs. A trap ends it; the file
/// `fuzz-input` then holds the input that did it, for `fuzz TARGET --input FILE`.
@main struct Fuzz {
    static func main() throws {
        var arguments = Array(CommandLine.arguments.dropFirst())
        func option(_ name: String) -> String? {
            guard let place = arguments.firstIndex(of: name), place + 1 < arguments.count else { return nil }
            let value = arguments[place + 1]
            arguments.removeSubrange(place...(place + 1))
            return value
        }
        let seed = option("--seed").flatMap(UInt64.init) ?? 1
        let iterations = option("--iterations").flatMap { Int($0) } ?? 10_000
        let input = option("--input")
        let name = arguments.first ?? "all"
        let targets = name == "all" ? FuzzTarget.all : FuzzTarget.named(name).map { [$0] } ?? []
        guard !targets.isEmpty, arguments.count <= 1 else {
            let names = FuzzTarget.all.map(\.name).joined(separator: ", ")
            fail("fuzz: unknown argument; the targets are all, \(names)")
        }
        if let input {
            targets[0].run(Array(try Data(contentsOf: URL(fileURLWithPath: input))))
            return
        }
        for target in targets { try run(target, seed: Seed(seed), iterations: iterations) }
    }

    private static func run(_ target: FuzzTarget, seed: Seed, iterations: Int) throws {
        var mutator = Mutator(seeds: target.seeds, seed: seed)
        let file = FileHandle(forWritingTo: "fuzz-input")
        let start = ContinuousClock.now
        var slowest = Duration.zero
        for bytes in target.seeds { target.run(bytes) }
        for _ in 0..<iterations {
            let bytes = mutator.next()
            try file?.replaceContent(bytes)
            let begin = ContinuousClock.now
            target.run(bytes)
            slowest = max(slowest, .now - begin)
        }
        print("\(target.name): \(iterations) inputs in \(ContinuousClock.now - start), the slowest \(slowest)")
    }

    private static func fail(_ message: String) -> Never {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        exit(64)
    }
}

extension FileHandle {
    /// A file to write to, made if it is not there.
    fileprivate convenience init?(forWritingTo path: String) {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        self.init(forWritingAtPath: path)
    }

    fileprivate func replaceContent(_ bytes: [UInt8]) throws {
        try truncate(atOffset: 0)
        try write(contentsOf: bytes)
    }
}
