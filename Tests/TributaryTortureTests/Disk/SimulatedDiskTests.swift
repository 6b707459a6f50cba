import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributaryStore
import TributaryTesting
import TributaryTorture

struct SimulatedDiskTests {
    /// What a process does with files, in the least words.
    struct Process {
        let files: MountedDisk

        init(_ disk: SimulatedDisk) { files = disk.files }

        func write(_ path: String, _ bytes: [UInt8], at offset: Int, isWaitedFor: Bool) throws {
            let file = try #require(try OpenFile(path, .writing, in: files))
            try bytes.withUnsafeBytes { bytes in try file.write(bytes, at: offset) }
            if isWaitedFor { try file.synchronise() }
        }

        func synchronise(_ path: String) throws {
            try #require(try OpenFile(path, .reading, in: files)).synchronise()
        }
    }

    @Test("What was waited for survives, and of the rest no more than was written", arguments: TestSeeds.first(300))
    func survival(seed: Seed) throws {
        var stream = seed.derived("actions").stream()
        let disk = SimulatedDisk(seed: seed)
        var written: [String: [UInt8]] = [:]
        for _ in 0..<3 {
            let process = Process(disk)
            if written.isEmpty { try process.files.makeFolder("/a") }
            for _ in 0..<40 {
                let path = "/a/\(stream.uniform(below: 5))"
                let bytes = SampleBytes.random(1 + stream.uniform(below: 50), seed: stream.next())
                let end = written[path]?.count ?? 0
                try process.write(path, bytes, at: end, isWaitedFor: stream.bernoulli(0.3))
                written[path, default: []] += bytes
                if stream.bernoulli(0.2) { try process.synchronise("/a") }
            }
            try process.synchronise("/")
            let sure = written.keys.reduce(into: [:]) { $0[$1] = disk.durableContent(of: $1) }
            disk.crash()
            for (path, bytes) in written {
                let found = disk.content(of: path)
                if let kept = sure[path] { #expect(found?.starts(with: kept) == true) }
                #expect(bytes.starts(with: found ?? []))
                #expect(found == disk.durableContent(of: path))
                written[path] = found
            }
            disk.start()
        }
    }

    @Test("What nobody waited for may be there, in part or not at all")
    func loss() throws {
        let bytes = SampleBytes.random(1000, seed: 1)
        var sizes: Set<Int?> = []
        for seed in TestSeeds.first(200) {
            let disk = SimulatedDisk(seed: seed)
            try Process(disk).write("/x", bytes, at: 0, isWaitedFor: false)
            #expect(disk.durableContent(of: "/x") == nil)
            disk.crash()
            sizes.insert(disk.content(of: "/x")?.count)
        }
        #expect(sizes.contains(nil) && sizes.contains(0) && sizes.contains(1000))
        #expect(sizes.count > 20)
    }

    @Test("In disorder later writes survive without earlier ones")
    func disorder() throws {
        var found: Set<[UInt8]> = []
        for seed in TestSeeds.first(200) {
            let disk = SimulatedDisk(seed: seed)
            disk.faults.disorder = 1
            let process = Process(disk)
            try process.write("/x", [], at: 0, isWaitedFor: true)
            try process.synchronise("/")
            for place in 0..<2 { try process.write("/x", [UInt8(place + 1)], at: place, isWaitedFor: false) }
            disk.crash()
            found.insert(try #require(disk.content(of: "/x")))
        }
        #expect(found == [[], [1], [0, 2], [1, 2]])
    }

    @Test("A renamed file has its old name or its new one, and the new one once that is waited for")
    func renaming() throws {
        var outcomes: Set<String> = []
        for (index, seed) in TestSeeds.first(200).enumerated() {
            let disk = SimulatedDisk(seed: seed)
            let process = Process(disk)
            for folder in ["/a", "/b"] { try process.files.makeFolder(folder) }
            try process.write("/b/x", [1], at: 0, isWaitedFor: true)
            try process.write("/a/x", [2], at: 0, isWaitedFor: true)
            for folder in ["/a", "/b", "/"] { try process.synchronise(folder) }
            try process.files.rename("/a/x", to: "/b/x")
            #expect(disk.content(of: "/a/x") == nil)
            #expect(disk.durableContent(of: "/a/x") == [2])
            if index % 3 == 0 { try process.synchronise("/a") }
            if index % 3 == 1 { try process.synchronise("/b") }
            disk.crash()
            let isOld = disk.content(of: "/a/x") == [2] && disk.content(of: "/b/x") == [1]
            let isNew = disk.content(of: "/a/x") == nil && disk.content(of: "/b/x") == [2]
            #expect(isOld != isNew)
            if index % 3 == 1 { #expect(isNew) }
            outcomes.insert("\(index % 3) \(isNew)")
        }
        #expect(outcomes == ["0 false", "0 true", "1 true", "2 false", "2 true"])
    }

    @Test("A removed file may come back until its folder is waited for")
    func removal() throws {
        var outcomes: Set<Bool> = []
        for (index, seed) in TestSeeds.first(100).enumerated() {
            let disk = SimulatedDisk(seed: seed)
            let process = Process(disk)
            try process.write("/x", [1], at: 0, isWaitedFor: true)
            try process.synchronise("/")
            try process.files.remove("/x")
            if index % 2 == 0 { try process.synchronise("/") }
            disk.crash()
            let isBack = disk.content(of: "/x") == [1]
            if index % 2 == 0 { #expect(!isBack) } else { outcomes.insert(isBack) }
        }
        #expect(outcomes == [true, false])
    }

    @Test("A wait that failed may be the end of what was waited for, whatever later ones say")
    func forgetting() throws {
        let disk = SimulatedDisk(seed: Seed(1))
        let process = Process(disk)
        let bytes = SampleBytes.random(100, seed: 1)
        let file = try #require(try OpenFile("/x", .writing, in: process.files))
        for place in 0..<100 {
            try [bytes[place]].withUnsafeBytes { bytes in try file.write(bytes, at: place) }
        }
        (disk.faults.synchronise, disk.faults.forgetting) = (1, 1)
        #expect(throws: StoreError.self) { try file.synchronise() }
        disk.faults = DiskFaults()
        try file.synchronise()
        try process.synchronise("/")
        #expect(disk.content(of: "/x") == bytes)
        let durable = try #require(disk.durableContent(of: "/x"))
        #expect(durable != bytes)
        disk.crash()
        #expect(disk.content(of: "/x") == durable)
    }

    @Test("A disk takes what there is room for")
    func capacity() throws {
        let disk = SimulatedDisk(seed: Seed(1))
        disk.capacity = 1500
        let process = Process(disk)
        let bytes = SampleBytes.random(1000, seed: 1)
        try process.write("/x", bytes, at: 0, isWaitedFor: false)
        let error = #expect(throws: StoreError.self) { try process.write("/y", bytes, at: 0, isWaitedFor: false) }
        #expect(error?.code == .full)
        #expect(disk.usedByteCount == 1000)
        #expect(disk.counts[.full] == 2)
        try process.files.remove("/x")
        #expect(disk.usedByteCount == 0)
        try process.write("/y", bytes, at: 0, isWaitedFor: false)
        #expect(disk.content(of: "/y") == bytes)
    }

    @Test("A process ends between any two operations, and what it left behind is dead")
    func processEnd() throws {
        let disk = SimulatedDisk(seed: Seed(1))
        for count in 0..<5 {
            let first = Process(disk)
            disk.endProcess(after: count)
            #expect(throws: (any Error).self) {
                for number in 0... { try first.write("/\(number)", [1, 2, 3], at: 0, isWaitedFor: false) }
            }
            #expect(disk.isDown)
            disk.start()
            #expect(throws: FileError.self) { try first.files.status(at: "/") }
            try Process(disk).write("/x", [1], at: 0, isWaitedFor: false)
            // What the process wrote is there, although nobody waited for it.
            #expect(count < 2 || disk.content(of: "/0") == [1, 2, 3])
        }
    }

    @Test("Bits turn over on the disk or on the way, and it is known where")
    func rot() throws {
        let disk = SimulatedDisk(seed: Seed(1))
        let process = Process(disk)
        let bytes = SampleBytes.random(100, seed: 1)
        for path in ["/x", "/y", "/z"] { try process.write(path, bytes, at: 0, isWaitedFor: true) }
        try process.synchronise("/")
        func read(_ path: String) throws -> [UInt8] {
            var found = [UInt8](repeating: 0, count: 100)
            let file = try #require(try OpenFile(path, .reading, in: process.files))
            _ = try found.withUnsafeMutableBytes { buffer in try file.read(at: 0, into: buffer) }
            return found
        }
        func distance(_ found: [UInt8]) -> Int { zip(found, bytes).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount } }
        disk.faults.misread = 1
        #expect(distance(try read("/x")) == 1)
        #expect(disk.content(of: "/x") == bytes)
        disk.faults = DiskFaults()
        disk.faults.rot = 1
        disk.faults.rotPrefix = "/y"
        #expect(try read("/z") == bytes)
        #expect(distance(try read("/y")) == 1)
        #expect(distance(try #require(disk.durableContent(of: "/y"))) == 1)
        #expect(disk.isRotten("/x") && disk.isRotten("/y") && !disk.isRotten("/z"))
        disk.faults = DiskFaults()
        disk.faults.vanishing = 1
        #expect(throws: (any Error).self) { try read("/z") }
        #expect(disk.isRotten("/z") && disk.durableContent(of: "/z") == nil)
    }

    @Test("Waits take their time, and files have the age of the world's clock")
    func time() throws {
        let disk = SimulatedDisk(seed: Seed(1))
        let process = Process(disk)
        disk.advance(to: Instant(sinceStart: .seconds(100)))
        try process.write("/x", [1], at: 0, isWaitedFor: true)
        #expect(disk.takeDelay() == disk.faults.synchroniseTime)
        #expect(disk.takeDelay() == .zero)
        disk.faults.slowSynchronise = 1
        try process.synchronise("/")
        #expect(disk.takeDelay() == disk.faults.slowSynchroniseTime)
        disk.advance(to: Instant(sinceStart: .seconds(130)))
        let age = process.files.now() - (try process.files.status(at: "/x").modifiedAt)
        #expect(age == 30_000_000_000)
    }
}
