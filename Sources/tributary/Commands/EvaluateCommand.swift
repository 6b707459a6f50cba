import ArgumentParser
import Foundation
import TributaryCore
import TributaryLearning
import TributaryReports
import TributarySimulation

/// `tributary evaluate`
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Score a model file or a checkpoint on a data set's central test set.",
        discussion: """
            Examples:
              tributary evaluate runs/first/model.safetensors
              tributary evaluate runs/first --dataset mnist --data-dir ~/mnist
              tributary evaluate model.safetensors --dataset patients.csv --label outcome

            A run's folder stands for the model in it. The data is the run's own unless --dataset says otherwise.
            """)

    @Argument(help: ArgumentHelp("A model file, a checkpoint, or a run's folder.", valueName: "model"))
    var model: String
    @OptionGroup(title: "Data") var data: DataFlags
    @Option(
        help: ArgumentHelp(
            "The seed that held-out rows of a user's own file were drawn by (default: the run's).", valueName: "number")
    )
    var seed: String?
    @Flag(help: "Print the score as one JSON object.")
    var json = false

    mutating func run() async throws {
        let command = self
        try await reportingFailures { try await command.evaluate() }
    }

    private func evaluate() async throws {
        let path = try modelPath()
        let file: ModelFile
        do {
            file = try ModelFile(reading: path)
        } catch let error as ReportError {
            throw error
        } catch {
            throw CommandFailure(.badData, "\(path): \(CommandFailure(error).message)")
        }
        do {
            _ = try ModelSpec(parsing: file.model)
        } catch {
            throw CommandFailure(.badData, "\(path): \(error)")
        }
        let assembly = try Assembly(try plan(for: file, at: path))
        guard assembly.trainer.testChunkCount > 0 else {
            throw CommandFailure(
                .usage, "the data set \(assembly.plan.data.set) has no central test set; give one with --test-file")
        }
        guard assembly.trainer.layout == file.weights.layout else {
            throw CommandFailure(
                .badData,
                "\(path): a model of other tensors than \(file.model) has on \(assembly.plan.data.set); was it trained on other data?"
            )
        }
        let score = ModelScoring.test(file.weights.values, with: assembly.trainer)
        try print(score, of: file, on: assembly)
    }

    private func modelPath() throws -> String {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: model, isDirectory: &isFolder) else {
            throw CommandFailure(.missingInput, "\(model.isEmpty ? "''" : model): there is no such model file or run")
        }
        guard isFolder.boolValue else {
            let kind = try? FileManager.default.attributesOfItem(atPath: model)[.type] as? FileAttributeType
            // A pipe or a device would be waited for, perhaps for ever.
            guard kind == .typeRegular || kind == .typeSymbolicLink else {
                throw CommandFailure(.badData, "\(model): is not a file; a model is a .safetensors file")
            }
            return model
        }
        let inside = RunFolder(model).modelPath
        guard FileManager.default.fileExists(atPath: inside) else {
            throw CommandFailure(.missingInput, "\(model): the folder holds no model.safetensors")
        }
        return inside
    }

    /// The plan of the run that the model lies in, where there is one, changed to the data that was asked for.
    private func plan(for file: ModelFile, at path: String) throws -> Plan {
        let folder = RunFolder(FileAccess.folder(of: path))
        let record = data.dataset == nil ? Self.record(around: folder) : nil
        var plan = try record.map { try Plan(text: $0.plan) } ?? Plan()
        plan.model = file.model
        if record == nil {
            plan.data.set = file.dataset
            // Scoring needs no clients; one that holds everything is the least work.
            plan.data.clients = 1
            plan.data.partition = "iid"
            plan.cohort.fraction = 1
        }
        for flag in data.fields + [("seed", "seed", seed)] {
            try plan.apply(flag)
        }
        if ["csv", "text"].contains(plan.data.set), plan.data.file == nil, plan.data.directory == nil {
            throw CommandFailure(
                .usage,
                "\(path): the model was trained on a file of your own; name that with --dataset FILE.csv or --file FILE"
            )
        }
        return plan
    }

    private static func record(around folder: RunFolder) -> RunRecord? {
        let parent = RunFolder(FileAccess.folder(of: folder.path))
        return (try? folder.readRecord()) ?? (folder.path.hasSuffix("checkpoints") ? try? parent.readRecord() : nil)
    }

    private func print(_ score: Score?, of file: ModelFile, on assembly: Assembly) throws {
        guard let score else { throw CommandFailure(.badData, "the test set of \(assembly.plan.data.set) is empty") }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            encoder.nonConformingFloatEncodingStrategy = .convertToString(
                positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
            Console.line(String(decoding: try encoder.encode(score), as: UTF8.self))
            return
        }
        Console.line(
            "model      \(file.model) after round \(file.round.rawValue), \(file.weights.layout.count) parameters")
        Console.line("data       \(assembly.plan.data.set), \(score.exampleCount) test examples")
        if let accuracy = score.accuracy { Console.line("accuracy   \(accuracy)") }
        Console.line("loss       \(score.loss)")
    }
}
