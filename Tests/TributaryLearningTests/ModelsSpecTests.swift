import Testing
import TributaryCore
import TributaryLearning
import TributaryMath

@Suite struct ModelsSpecTests {
    @Test(arguments: [
        ("softmax", ModelSpec.softmax), ("linear", .linear), ("mlp:200,200", .perceptron(hidden: [200, 200])),
        ("mlp:7", .perceptron(hidden: [7])), ("cnn", .convolutional), ("lstm", .recurrent(layers: [256, 256])),
        ("lstm:128", .recurrent(layers: [128])),
    ])
    func aSpecIsReadAndWritten(text: String, spec: ModelSpec) throws {
        #expect(try ModelSpec(parsing: text) == spec)
        #expect(spec.description == text)
    }

    @Test(arguments: [
        ("mpl:200", "unknown model \"mpl:200\": did you mean \"mlp\"? models are softmax, linear, mlp, cnn, lstm"),
        ("transformer", "unknown model \"transformer\": models are softmax, linear, mlp, cnn, lstm"),
        ("", "unknown model \"\": models are softmax, linear, mlp, cnn, lstm"),
        ("mlp:200,", "model \"mlp:200,\": \"\" is not a layer width from 1 to 65536, as in \"mlp:200,200\""),
        ("mlp:-3", "model \"mlp:-3\": \"-3\" is not a layer width from 1 to 65536, as in \"mlp:200,200\""),
        ("softmax:10", "model \"softmax:10\": softmax takes no sizes; write \"softmax\""),
    ])
    func aSpecThatCannotBeReadSaysWhy(text: String, message: String) {
        let error = #expect(throws: ModelError.self) { try ModelSpec(parsing: text) }
        #expect(error?.description == message)
    }

    @Test(arguments: ["cnn", "lstm", "linear"])
    func aModelThatDoesNotFitItsDataSaysWhatDoes(text: String) throws {
        let spec = try ModelSpec(parsing: text)
        let error = #expect(throws: ModelError.self) { try spec.makeModel(for: SmallData.classes(4)) }
        #expect(error?.code == .unsuitableData)
        #expect(error?.description.contains("use ") == true)
        #expect(throws: ModelError.self) { try ModelSpec.softmax.makeModel(for: SmallData.text(4)) }
        #expect(throws: ModelError.self) { try ModelSpec.softmax.makeModel(for: SmallData.numbers(4)) }
        #expect(throws: ModelError.self) { try ModelSpec.convolutional.makeModel(for: SmallData.text(4)) }
    }

    @Test func modelsWithoutSizeOrBeyondAllMemoryAreRefused() throws {
        let empty = Dataset(
            name: "empty", train: Examples(features: .numbers([]), labels: .classes([], classCount: 0), shape: [0]),
            test: nil)
        #expect(throws: ModelError.self) { try ModelSpec.softmax.makeModel(for: empty) }
        let vast = try ModelSpec(parsing: "mlp:65536,65536")
        #expect(throws: ModelError.self) { try vast.makeModel(for: SmallData.classes(4)) }
    }

    @Test func aTokenOutsideTheVocabularyIsRefused() throws {
        var dataset = SmallData.text(4)
        dataset.vocabulary.removeLast(9)
        #expect(throws: ModelError.self) { try ModelSpec(parsing: "lstm").makeModel(for: dataset) }
    }

    @Test func publishedModelsHaveTheirPublishedSizes() throws {
        let images = Dataset(
            name: "images",
            train: Examples(
                features: .bytes([UInt8](repeating: 0, count: 784), scale: 1),
                labels: .classes([0], classCount: 10), shape: [28, 28]), test: nil)
        func count(_ text: String) throws -> Int {
            try ModelSpec(parsing: text).makeModel(for: images).layout.count
        }
        #expect(try count("softmax") == 7_850)
        #expect(try count("mlp:200,200") == 199_210)  // McMahan 2017, the 2NN
        #expect(try count("cnn") == 1_663_370)  // McMahan 2017, the CNN
        #expect(CharacterLSTM(vocabulary: 80, classes: 80).layout.count == 817_872)
    }

    @Test func initialWeightsFollowTheSeedAndTheirBound() {
        let model = DenseNetwork.classifier(inputs: 25, hidden: [16], classes: 4)
        let weights = model.initialWeights(seed: Seed(1))
        #expect(weights == model.initialWeights(seed: Seed(1)))
        #expect(weights != model.initialWeights(seed: Seed(2)))
        for tensor in model.layout.tensors {
            let bound: Float = tensor.name.hasPrefix("dense1") ? 0.2 : 0.25
            let values = weights[tensor.range]
            #expect(values.allSatisfy { abs($0) <= bound })
            if values.count > 50 { #expect((values.max() ?? 0) > 0.9 * bound) }
        }
    }
}
