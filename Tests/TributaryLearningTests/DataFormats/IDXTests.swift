import Testing
import TributaryLearning
import TributaryMath

struct IDXTests {
    @Test func decodesBytesAndIntegers() throws {
        let images = try IDX(idx([2, 2, 3], Array(0..<12)), source: "images")
        #expect(images.shape == [2, 2, 3])
        guard case .bytes(let bytes) = images.elements else { Issue.record("not bytes"); return }
        #expect(bytes == Array(0..<12))
        let table = try IDX([0, 0, 12, 2] + word(1) + word(2) + word(7) + word(0xffff_fffe), source: "t")
        guard case .integers(let numbers) = table.elements else { Issue.record("not integers"); return }
        #expect(numbers == [7, -2])
    }

    @Test func everyTruncationNamesFileAndByte() {
        let whole = idx([3, 2], [1, 2, 3, 4, 5, 6])
        for count in 0..<whole.count {
            let error = dataError { _ = try IDX(Array(whole[..<count]), source: "labels") }
            #expect(error?.code == .badData)
            #expect(error?.description.hasPrefix("labels: ") == true)
            #expect(error?.description.contains("byte") == true)
        }
    }

    @Test(arguments: [
        [0x80_00_00_00, 28, 28], [0xffff_ffff, 0xffff_ffff, 0xffff_ffff], [0, 5, 5], [2, 28, 28],
    ])
    func lyingCountsAreRefusedBeforeAllocation(shape: [Int]) {
        let error = dataError { _ = try IDX(idx(shape, [1, 2, 3]), source: "images") }
        #expect(error?.code == .badData)
    }

    @Test(arguments: [[1, 0, 8, 1], [0, 0, 9, 1], [0, 0, 8, 0], [0, 0, 8, 9], [0x89, 0x50, 0x4e, 0x47]])
    func wrongMagicIsRefused(magic: [UInt8]) {
        let error = dataError { _ = try IDX(magic + word(1) + [1], source: "images") }
        #expect(error?.code == .badData)
    }

    @Test func randomBytesNeverTrap() {
        for seed in 0..<2000 {
            var stream = Seed(UInt64(seed)).stream()
            var bytes = (0..<stream.uniform(below: 40)).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
            if bytes.count > 4 { bytes.replaceSubrange(0..<3, with: [0, 0, 8]) }
            _ = try? IDX(bytes, source: "x")
        }
    }
}
