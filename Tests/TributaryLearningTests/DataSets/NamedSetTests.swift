import Foundation
import Testing
import TributaryLearning
import TributaryMath

struct NamedSetTests {
    private func load(_ name: String, from directory: String?) throws -> Dataset {
        try DatasetLoader.load(DatasetRequest(name: name, dataDirectory: directory, environment: [:]))
    }

    private func labelCounts(_ examples: Examples) -> [Int] {
        guard case .classes(let labels, let classCount) = examples.labels else { return [] }
        return labels.reduce(into: [Int](repeating: 0, count: classCount)) { $0[Int($1)] += 1 }
    }

    @Test(.enabled(if: RealData.hasFashion, "needs Debian's dataset-fashion-mnist"))
    func fashionIsFoundWhereThePackagePutsIt() throws {
        let data = try load("fashion-mnist", from: nil)
        #expect(labelCounts(data.train) == [Int](repeating: 6000, count: 10))
        #expect(labelCounts(try #require(data.test)) == [Int](repeating: 1000, count: 10))
        #expect(data.train.shape == [28, 28])
    }

    @Test(.enabled(if: RealData.has("mnist"), "needs the shared data sets"))
    func mnistHasItsCountsMeanAndDeviation() throws {
        let data = try load("mnist", from: RealData.root + "/mnist")
        #expect(labelCounts(data.train) == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
        #expect(labelCounts(try #require(data.test)) == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
        guard case .bytes(let pixels, let scale) = data.train.features else { Issue.record("not bytes"); return }
        let mean = Double(pixels.reduce(0) { $0 + Int($1) }) / Double(pixels.count) * Double(scale)
        #expect(abs(mean - 0.13066) < 1e-5)
    }

    @Test(.enabled(if: RealData.has("mnist-writers"), "needs the shared data sets"))
    func writersTakeTheImagesFromTheSiblingFolder() throws {
        for directory in [RealData.root, RealData.root + "/mnist-writers"] {
            let data = try load("mnist-writers", from: directory)
            let natural = try #require(data.naturalClients)
            #expect(natural.names.count == 539)
            let sizes = natural.owners.reduce(into: [Int](repeating: 0, count: 539)) { $0[Int($1)] += 1 }
            #expect(sizes.min() == 19 && sizes.max() == 131)
            #expect(sizes.count { $0 >= 100 } == 440)
        }
    }

    @Test(.enabled(if: RealData.has("heart-disease"), "needs the shared data sets"))
    func hospitalsHaveFLambysCountsAndAreScaledEach() throws {
        let data = try load("heart-disease", from: RealData.root)
        let natural = try #require(data.naturalClients)
        let test = try #require(data.test)
        #expect((0..<4).map { client in natural.owners.count { $0 == client } } == [199, 172, 30, 85])
        #expect((0..<4).map { client in natural.testOwners?.count { $0 == client } } == [104, 89, 16, 45])
        #expect(test.count == 254)
        guard case .numbers(let values) = data.train.features else { Issue.record("not numbers"); return }
        for client in 0..<4 {
            let rows = natural.owners.indices.filter { natural.owners[$0] == client }
            for column in 0..<13 {
                let mean = rows.reduce(0) { $0 + values[$1 * 13 + column] } / Float(rows.count)
                #expect(abs(mean) < 1e-5)
            }
        }
    }

    @Test(.enabled(if: RealData.has("digits"), "needs the shared data sets"))
    func digitsHoldOutAFifthOfEachClass() throws {
        let data = try load("digits", from: RealData.root + "/digits")
        let test = labelCounts(try #require(data.test))
        let all = zip(labelCounts(data.train), test).map(+)
        #expect(all == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
        #expect(test == all.map { $0 / 5 })
    }

    @Test(.enabled(if: RealData.has("shakespeare"), "needs the shared data sets"))
    func rolesNeverShowATestCharacterInTraining() throws {
        let data = try load("shakespeare", from: RealData.root + "/shakespeare")
        let natural = try #require(data.naturalClients)
        let test = try #require(data.test)
        #expect(natural.names.count > 1000 && natural.names.count <= 1160)
        #expect(natural.names.contains("hamlet/HAMLET"))
        #expect(data.vocabulary.count < 80 && data.vocabulary.contains(" ") && !data.vocabulary.contains("\n"))
        guard case .windows(let text, let starts) = data.train.features,
            case .windows(_, let testStarts) = test.features, case .classes(let labels, _) = data.train.labels,
            let testOwners = natural.testOwners
        else { Issue.record("not windows"); return }
        #expect(labels.indices.allSatisfy { labels[$0] == UInt16(text[Int(starts[$0]) + 80]) })
        // A test window begins after the last character its role trains on.
        var lastTrained = [UInt32](repeating: 0, count: natural.names.count)
        for (start, owner) in zip(starts, natural.owners) { lastTrained[Int(owner)] = start + 80 }
        #expect(zip(testStarts, testOwners).allSatisfy { $0 > lastTrained[Int($1)] })
        #expect(natural.owners.last == UInt32(natural.names.count - 1))
    }

    @Test func syntheticIsReproducibleAndShaped() throws {
        let data = try load("synthetic:1,1", from: nil)
        let again = try load("synthetic:1,1", from: nil)
        let natural = try #require(data.naturalClients)
        #expect(natural.names.count == 30)
        #expect(data.train.shape == [60])
        guard case .numbers(let x) = data.train.features, case .numbers(let y) = again.train.features else {
            Issue.record("not numbers")
            return
        }
        #expect(x == y)
        for device in 0..<30 {
            let train = natural.owners.count { $0 == device }
            let test = natural.testOwners?.count { $0 == device } ?? 0
            #expect(train + test >= 50)
            #expect(train == (train + test) * 9 / 10)
        }
    }

    @Test(arguments: [
        "synthetic:", "synthetic:1", "synthetic:x,1", "synthetic:-1,1", "synthetic:nan,1", "synthetic:1,1,0",
        "synthetic:iid,x", "mnist:3",
    ])
    func malformedNamesAreRefused(name: String) {
        #expect(dataError { _ = try load(name, from: nil) }?.code == .badRequest)
    }

    @Test func unknownNamesSuggestTheNearest() {
        let error = dataError { _ = try load("fashion-mnits", from: nil) }
        #expect(error?.description.contains("did you mean 'fashion-mnist'") == true)
    }
}
