import Foundation
import Testing
import TributaryCore
import TributaryLearning
import TributaryMath

/// Training of tiny networks, step by step, against what PyTorch did from the same weights on the same examples.
/// `scripts/reference/trajectories.py` recorded it.
@Suite struct ModelsTrajectoryTests {
    struct Record: Decodable, Sendable, CustomTestStringConvertible {
        struct Tensor: Decodable { var first, last, norm: Double }
        var model: String
        var learningRate: Double
        var momentum, weightDecay, clipNorm: Double?
        var losses: [Double]
        var tensors: [String: Tensor]
        var testDescription: String { "\(model), momentum \(momentum ?? 0), clip \(clipNorm ?? .infinity)" }
    }

    struct Recording: Decodable { var runs: [Record] }

    static let records: [Record] = {
        guard let url = Bundle.module.url(forResource: "Fixtures/trajectories", withExtension: "json"),
            let data = try? Data(contentsOf: url),
            let recording = try? JSONDecoder().decode(Recording.self, from: data)
        else { return [] }
        return recording.runs
    }()

    @Test func theRecordingIsThere() {
        #expect(Self.records.count == 12)
    }

    @Test(arguments: records)
    func trainingFollowsPyTorch(_ record: Record) throws {
        switch record.model {
        case "perceptron":
            try compare(
                record, .classifier(inputs: 6, hidden: [5, 4], classes: 3) as DenseNetwork, SmallData.classes(8))
        case "regression":
            try compare(record, .regression(inputs: 6, hidden: [5]) as DenseNetwork, SmallData.numbers(8))
        case "convolutional":
            let network = ConvolutionalNetwork(
                height: 9, width: 11, channels: 2, classes: 3, filters: (7, 5), hidden: 9)
            try compare(record, network, SmallData.classes(6, shape: [9, 11, 2]))
        case "recurrent":
            let network = CharacterLSTM(vocabulary: 11, classes: 11, embedding: 3, widths: [5, 4])
            try compare(record, network, SmallData.text(6))
        default:
            Issue.record("the recording has an unknown model \(record.model)")
        }
    }

    private func compare<M: Model>(_ record: Record, _ model: M, _ dataset: Dataset) throws {
        let trainer = try ModelTrainer(
            model: model, dataset: dataset, shards: WrittenShards(sizes: [dataset.train.count]))
        // The same steps one call at a time (for the losses) and, where no momentum is carried over, as one task.
        for steps in record.momentum == nil ? [1, record.losses.count] : [record.losses.count] {
            var weights = Formula.parameters(model.layout)
            var losses: [Double] = []
            for _ in stride(from: 0, to: record.losses.count, by: steps) {
                let (next, outcome) = trainer.trained(from: weights) { solver in
                    solver.work = .steps(steps)
                    solver.batchSize = nil
                    solver.learningRate = record.learningRate
                    solver.momentum = record.momentum ?? 0
                    solver.weightDecay = record.weightDecay ?? 0
                    solver.clipNorm = record.clipNorm
                }
                weights = next
                losses.append(outcome.meanLoss)
            }
            let expected = steps == 1 ? record.losses : [record.losses.reduce(0, +) / Double(record.losses.count)]
            for (ours, theirs) in zip(losses, expected) { #expect(abs(ours - theirs) < 2e-5, "\(losses) \(expected)") }
            check(weights, model.layout, record)
        }
    }

    private func check(_ weights: [Float], _ layout: TensorLayout, _ record: Record) {
        #expect(Set(layout.tensors.map(\.name)) == Set(record.tensors.keys))
        for tensor in layout.tensors {
            guard let expected = record.tensors[tensor.name] else { continue }
            let values = weights[tensor.range].map(Double.init)
            let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(abs((values.first ?? .nan) - expected.first) < 2e-5, "\(tensor.name)")
            #expect(abs((values.last ?? .nan) - expected.last) < 2e-5, "\(tensor.name)")
            #expect(abs(norm - expected.norm) < 5e-5, "\(tensor.name)")
        }
    }
}
