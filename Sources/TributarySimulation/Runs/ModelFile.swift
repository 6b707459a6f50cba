import Crypto
import Foundation
public import TributaryCore
import TributaryLearning
import TributaryReports
import TributaryWire

/// `model.safetensors`: a final model and what is needed to use it.
public struct ModelFile: Hashable, Sendable {
    /// The model's parameters.
    public var weights: Weights
    /// The model as a plan names it.
    public var model: String
    /// The data set it was trained on.
    public var dataset: String
    /// The round it is from.
    public var round: RoundNumber
    /// Its version.
    public var version: ModelVersion

    /// A model file with all its parts.
    public init(weights: Weights, model: String, dataset: String, round: RoundNumber, version: ModelVersion) {
        self.weights = weights
        self.model = model
        self.dataset = dataset
        self.round = round
        self.version = version
    }

    /// Writes the file in one step and returns its SHA-256 in hexadecimal. The same model gives the same bytes.
    ///
    /// - Throws: `ReportError` if the file system refuses.
    public func write(to path: String) throws -> String {
        let metadata = [
            "form": "tributary-model-1", "model": model, "dataset": dataset, "round": String(round.rawValue),
            "model_version": String(version.rawValue),
        ]
        let bytes = try Safetensors(weights: weights, metadata: metadata).encoded()
        try FileAccess.replace(path, with: bytes)
        return SHA256.hash(data: bytes).hexadecimal
    }

    /// Reads a model file or a checkpoint.
    ///
    /// - Throws: `ReportError` if the file cannot be read, `Safetensors.FormatError` or `Checkpoint.FormatError` if it
    ///   is neither.
    public init(reading path: String) throws {
        let bytes = try FileAccess.read(path)
        let file = try Safetensors(decoding: bytes)
        if let checkpoint = try? Checkpoint(decoding: bytes) {
            self.init(
                weights: checkpoint.state.weights, model: checkpoint.plan.model, dataset: checkpoint.plan.data.set,
                round: checkpoint.state.lastRound, version: checkpoint.state.modelVersion)
            return
        }
        guard let model = file.metadata["model"], let dataset = file.metadata["dataset"] else {
            throw Checkpoint.FormatError(
                description: "it does not say which model it holds; was it written by Tributary?")
        }
        self.init(
            weights: file.weights, model: model, dataset: dataset,
            round: RoundNumber(file.metadata["round"].flatMap { Int($0) } ?? 0),
            version: ModelVersion(file.metadata["model_version"].flatMap { Int($0) } ?? 0))
    }
}
