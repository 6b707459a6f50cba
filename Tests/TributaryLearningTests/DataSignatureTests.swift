import Foundation
import Testing
import TributaryCore
import TributaryLearning
import TributaryMath

@Suite struct DataSignatureTests {
    @Test(arguments: [
        ("f32[13] -> 2 classes", DataSignature(features: .numbers([13]), labels: .classes(2))),
        ("u8[28,28] -> 10 classes", DataSignature(features: .bytes([28, 28]), labels: .classes(10))),
        ("f32[8] -> number", DataSignature(features: .numbers([8]), labels: .number)),
        (
            "tokens[80 of 86] -> 86 classes",
            DataSignature(features: .tokens(window: 80, vocabulary: 86), labels: .classes(86))
        ),
        (
            "f32[13] -> 2 classes; columns 1a2b3c4d",
            DataSignature(features: .numbers([13]), labels: .classes(2), columns: "1a2b3c4d")
        ),
    ])
    func isOneLineThatCanBeReadBack(_ text: String, _ signature: DataSignature) {
        #expect(signature.description == text)
        #expect(DataSignature(text) == signature)
    }

    @Test(arguments: [
        "", "f32", "f32[] -> number", "f32[0] -> number", "f32[-1] -> number", "f32[+1] -> number",
        "f32[01] -> number", "f32[1,] -> number", "f32[1 ] -> number", "f64[1] -> number", "f32[1] -> 0 classes",
        "f32[1] -> 99999999 classes", "f32[1] -> numbers", "f32[99999999999999999999] -> number",
        "f32[65536,65536] -> number", "f32[1,1,1,1,1,1,1,1,1] -> number", "tokens[80] -> 86 classes",
        "tokens[80 of 0] -> 86 classes", "f32[1] -> number; columns 123", "f32[1] -> number; columns 1A2B3C4D",
        "f32[1] -> number\n", " f32[1] -> number",
    ])
    func refusesWhatIsNoSignature(_ text: String) {
        #expect(DataSignature(text) == nil)
    }

    @Test(arguments: [ModelSpec.softmax, .perceptron(hidden: [7, 5]), .convolutional])
    func givesTheModelThatTheDataWouldGive(_ spec: ModelSpec) throws {
        let pixels = (0..<(3 * 12 * 12)).map { UInt8($0 % 251) }
        let dataset = Dataset(
            name: "images",
            train: Examples(
                features: .bytes(pixels, scale: 1 / 255), labels: .classes([0, 1, 2], classCount: 3), shape: [12, 12]),
            test: nil)
        let signature = try #require(DataSignature(dataset.signature.description))
        let model = try spec.makeModel(for: dataset)
        let weights = try spec.initialWeights(for: signature, seed: Seed(7))
        #expect(weights.layout == model.layout)
        #expect(weights.values == model.initialWeights(seed: Seed(7)))
    }

    @Test func neverAsksForMoreThanAModelMayHave() throws {
        let vast = try #require(DataSignature("f32[268435456] -> 65536 classes"))
        #expect(throws: ModelError.self) { try ModelSpec(parsing: "mlp:65536,65536").makeModel(for: vast) }
    }

    @Test func tellsTablesWithSwappedColumnsApart() throws {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("signature-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        func signature(_ header: String, _ rows: [String]) throws -> DataSignature {
            let file = scratch.appendingPathComponent("t.csv")
            try Data(([header] + rows).joined(separator: "\n").utf8).write(to: file)
            var request = DatasetRequest(name: "csv", dataDirectory: nil, seed: Seed(1))
            request.files.train = [file.path]
            return try DatasetLoader.load(request).signature
        }
        let rows = ["1.5,2,no", "2.5,3,yes", "3.5,9,no", "4.5,1,yes"]
        let first = try signature("age,pulse,ill", rows)
        #expect(try signature("age,pulse,ill", rows.reversed()) == first)
        #expect(try signature("pulse,age,ill", rows) != first)
        #expect(try signature("age,pulse,ill", rows.map { $0.replacing("yes", with: "maybe") }) != first)
        #expect(first.description.hasPrefix("f32[2] -> 2 classes; columns "))
    }
}
