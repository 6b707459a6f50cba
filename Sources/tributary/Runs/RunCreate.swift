import ArgumentParser
import Foundation
import TributaryCore
import TributaryLearning
import TributaryReports
import TributaryWire

/// `tributary run create`
struct RunCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a run, which begins as soon as clients are there.",
        discussion: """
            Examples:
              tributary run create heart --model softmax --data-signature "f32[13] -> 2 classes" --rounds 50 --cohort 2
              tributary run create heart-2 --plan plan.yaml --client-label site=hospital \\
                --initial-model runs/heart/model.safetensors

            How clients' data looks is what tributary join says as it starts. The plan's data set is the server's own, to \
            test on, if it has one; how it is dealt out and the simulated devices mean nothing here. The same command \
            again finds the same run.
            """)

    @Argument(help: ArgumentHelp("The run's name: lower-case letters, digits and hyphens.", valueName: "run"))
    var name: String
    @Option(
        help: ArgumentHelp("Only clients with this label take part; may be repeated.", valueName: "name=value"))
    var clientLabel: [String] = []
    @Option(help: ArgumentHelp("Only clients with this software or newer take part.", valueName: "version"))
    var minimumClientVersion: String?
    @Option(
        help: ArgumentHelp(
            "Only clients whose data looks like this take part, as in \"f32[13] -> 2 classes\".", valueName: "signature"
        ))
    var dataSignature: String?
    @Option(help: ArgumentHelp("The model to start from (.safetensors).", valueName: "file"))
    var initialModel: String?
    @OptionGroup var flags: OperatorFlags
    @OptionGroup var plan: PlanFlags

    mutating func run() async throws {
        let command = self
        try await reportingFailures {
            let draft = try RunDraft(command)
            let answer = try await OperatorClient.with(command.flags) { client in
                var request = draft.request
                if let model = draft.model {
                    request.initialModel = try await client.upload(
                        TensorEncoding.float32.encoded(model.values), encoding: .float32)
                }
                return try await Self.create(request, client)
            }
            try command.flags.print(answer.run, RunText.line)
        }
    }
}

extension RunCreate {
    /// A server writes the model that a run starts from to its disk before it answers, and a model may be large.
    private static let longestCreation = Duration.seconds(600)

    private static func create(
        _ request: RunRequest, _ client: OperatorClient
    ) async throws -> WireCreateRunResponse {
        do {
            return try await client.call(.createRun, WireCreateRunRequest(request), wait: longestCreation)
        } catch {
            let failure = CommandFailure(error)
            guard failure.code == .unavailable else { throw error }
            throw CommandFailure(
                failure.code,
                "\(failure.message); whether the run was created is not known: the same command again creates it, or "
                    + "finds it")
        }
    }
}

/// A run as the operator wants it, checked as far as that is possible from here.
private struct RunDraft {
    let request: RunRequest
    /// The model to start from, to be uploaded.
    let model: Weights?

    init(_ command: RunCreate) throws {
        guard let run = RunID(rawValue: try RunText.checked(command.name)) else {
            throw CommandFailure(.usage, "'\(command.name)' is not a run's name")
        }
        let labels = try LabelFlags.parse(command.clientLabel, flag: "client-label")
        let version = try command.minimumClientVersion.map(Self.version)
        var plan = try command.plan.makePlan()
        try plan.checkRunsOverNetwork()
        try plan.energy.check(plan)
        let table = try plan.takeCarbonTable()
        let signature = try command.dataSignature.map(Self.signature)
        let file = try command.initialModel.map(Self.file)
        model = file?.weights
        if plan.model == "auto", let name = file?.metadata["model"] { plan.model = name }
        if plan.model == "auto", let signature { plan.model = ModelSpec(fitting: signature).description }
        if plan.model == "auto", file == nil {
            throw CommandFailure(
                .usage, "which model is trained? give --model and --data-signature, or --initial-model FILE.safetensors"
            )
        }
        if file == nil {
            guard let signature else {
                throw CommandFailure(
                    .usage,
                    "how large is the model? give --data-signature, which tributary join prints, or --initial-model")
            }
            _ = try ModelSpec(parsing: plan.model).makeModel(for: signature)
        } else if let file, let signature, let spec = try? ModelSpec(parsing: plan.model),
            try spec.makeModel(for: signature).layout != file.weights.layout
        {
            throw CommandFailure(
                .badData,
                "\(command.initialModel ?? ""): is no \(plan.model) for data of the form \(signature); its tensors differ"
            )
        }
        let target = ClientTarget(
            labels: labels, minimumVersion: version,
            dataSignature: signature?.description ?? "")
        var request = RunRequest(
            run: run, plan: Self.said(in: plan), target: target,
            tensors: file?.weights.layout.tensors.map { TensorShape(name: $0.name, shape: $0.shape) } ?? [])
        request.carbonTrace = table
        self.request = request
    }

    /// The fields that are not at their defaults.
    private static func said(in plan: Plan) -> [String: String] {
        let fields = PlanField.all.filter { $0.text(in: plan) != $0.defaultText }
        return Dictionary(uniqueKeysWithValues: fields.map { ($0.path, $0.text(in: plan)) })
    }

    private static func signature(_ text: String) throws -> DataSignature {
        guard let signature = DataSignature(text) else {
            throw CommandFailure(
                .usage,
                "--data-signature is '\(text)'; it must look like \"f32[13] -> 2 classes\", as tributary join prints it"
            )
        }
        return signature
    }

    private static func version(_ text: String) throws -> SoftwareVersion {
        guard let version = SoftwareVersion(text) else {
            throw CommandFailure(.usage, "--minimum-client-version is '\(text)'; it must be a version such as 1.4.0")
        }
        return version
    }

    private static func file(_ path: String) throws -> Safetensors {
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(.missingInput, "\(path): there is no such model file")
        }
        do {
            return try Safetensors(decoding: FileAccess.read(path))
        } catch let error as Safetensors.FormatError {
            throw CommandFailure(.badData, "\(path): \(error)")
        }
    }
}
