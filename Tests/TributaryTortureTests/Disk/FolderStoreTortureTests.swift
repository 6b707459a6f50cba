import Testing
import TributaryCore
import TributaryMath
import TributaryStore
import TributaryTesting
import TributaryTorture

struct FolderStoreTortureTests {
    @Test("A blob folder on a disk without faults keeps the contract", arguments: [1, 2, 3] as [UInt64])
    func contract(seed: UInt64) {
        let contract = BlobStoreContract {
            try FolderBlobStore(path: "/store", files: SimulatedDisk(seed: Seed(seed)).files)
        }
        #expect(contract.violations(seed: seed) == [])
    }

    @Test("What a blob folder promises it keeps, whatever the disk does", arguments: 0..<25)
    func promises(block: Int) {
        for index in 0..<100 {
            let seed = Seed(UInt64(block * 100 + index)).derived("store trial")
            var trial = StoreTrial(seed)
            trial.run(steps: 60)
            #expect(trial.violations == [], "seed \(block * 100 + index)")
        }
    }

    @Test("The same seed gives the same bytes and the same faults", arguments: TestSeeds.first(10))
    func repetition(seed: Seed) {
        let ends = (0..<2).map { _ in
            var trial = StoreTrial(seed)
            trial.run(steps: 100)
            let disk = trial.disk
            return (disk.counts, disk.paths.map { [UInt8]($0.utf8) + (disk.content(of: $0) ?? []) })
        }
        #expect(ends[0].0 == ends[1].0)
        #expect(ends[0].1 == ends[1].1)
    }
}
