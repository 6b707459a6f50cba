import Foundation
import Testing
import TributaryLearning
import TributaryMath

#if canImport(FoundationXML)
    import FoundationXML
#endif

struct PartitionSummaryTests {
    private func summary(_ partitioning: Partitioning, _ dataset: Dataset, clients: Int) throws -> PartitionSummary {
        let source = try partitioning.makeShards(dataset, clients: clients, holdOut: HoldOut(test: 0.2), seed: Seed(1))
        return PartitionSummary(source, of: dataset, partitioning: partitioning)
    }

    @Test func countsAddUpAndSkewTellsPartitionsApart() throws {
        let dataset = labelled(4000, classCount: 10, even: true)
        let even = try summary(.iid, dataset, clients: 10)
        let skewed = try summary(.labelQuantity(1), dataset, clients: 10)
        #expect(even.labelCounts.flatMap { $0 }.reduce(0, +) == 4000)
        #expect(even.sizeRange == (400, 400, 400, 400))
        #expect(try #require(even.meanLabelDistance) < 0.1)
        #expect(abs(try #require(even.wholeLabelEntropy) - log2(10)) < 1e-9)
        #expect(abs(try #require(skewed.meanLabelDistance) - 0.9) < 1e-9)
        #expect(try #require(skewed.meanLabelEntropy) == 0)
    }

    @Test func tablesSayWhatTheyLeaveOut() throws {
        let text = try summary(.iid, labelled(4000, classCount: 30), clients: 300).text()
        #expect(text.contains("iid over 300 clients of made"))
        #expect(text.contains("(20 of 300 clients, evenly spaced)"))
        #expect(text.contains("(12 of 30 classes)"))
    }

    @Test(arguments: [(5, 10), (200, 2), (1000, 60)])
    func picturesAreWellFormedAndSayWhatTheyLeaveOut(clients: Int, classCount: Int) throws {
        var dataset = labelled(4000, classCount: classCount)
        dataset.classNames = (0..<classCount).map { $0 == 1 ? "<&\u{1}>" : "class \($0)" }
        let svg = try summary(.dirichlet(0.1), dataset, clients: clients).svg
        let parser = XMLParser(data: Data(svg.utf8))
        #expect(parser.parse())
        #expect(svg.contains("200 of 1000 clients") == (clients == 1000))
        #expect(svg.contains("most frequent of 60 classes") == (classCount == 60))
    }

    @Test func regressionHasSizesOnly() throws {
        let table = Examples(
            features: .numbers([Float](repeating: 0, count: 50)), labels: .numbers([Float](repeating: 0, count: 50)),
            shape: [1])
        let found = try summary(.iid, Dataset(name: "r", train: table, test: nil), clients: 5)
        #expect(found.meanLabelEntropy == nil && found.labelCounts.isEmpty)
        #expect(XMLParser(data: Data(found.svg.utf8)).parse())
        #expect(found.text().contains("sizes: min 10"))
    }
}
