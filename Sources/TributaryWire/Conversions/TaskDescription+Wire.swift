public import TributaryCore

extension TaskDescription {
    /// Reads a task. Throws `invalid_argument` if it makes no sense or is beyond a limit of `WireLimits`.
    ///
    /// The fields `run` and `round` are for logs and not read: the task's name says the same. Only a task of training has an
    /// algorithm; of the others an evaluation has a solver where clients train the model that they are to score.
    public init(_ message: WireTask) throws(ConnectError) {
        let field = WireField.message
        let id = try field["id"].task(message.id)
        guard TaskKind(message.kind) == id.kind else { throw field["kind"].error("is not that of the task's name") }
        let layout = try TensorLayout(message.layout, at: field["layout"])
        guard layout.count > 0 else { throw field["layout"].error("has no tensors") }
        let limit = try field["evaluation_limit"].count(message.evaluationLimit)
        let training = field["training"]
        self.init(
            id: id, model: try Self.model(message, layout, at: field["model"]),
            modelVersion: ModelVersion(try field["model_version"].count(message.modelVersion)),
            modelName: try field["model_name"].text(message.modelName, bytes: 0...WireLimits.nameBytes),
            layout: layout, solver: try Self.solver(message, id.kind, at: training),
            algorithm: id.kind == .train
                ? try training["algorithm"].text(message.training.algorithm, bytes: 0...WireLimits.nameBytes) : "",
            evaluationLimit: limit == 0 ? nil : limit, seed: message.seed,
            updateEncoding: try Self.encoding(message, id.kind, at: field["update_encoding"]),
            // What has noise is not made shorter, whatever a server says.
            compression: message.hasLocalNoise ? nil : Self.compression(message),
            method: id.kind == .train && message.hasMethod
                ? try TaskMethod(message.method, layout, at: field["method"]) : nil,
            updateBound: try field["update_bound"].finite(message.updateBound, atLeast: 0),
            exampleLimit: try field["example_limit"].count(message.exampleLimit),
            lease: try field["lease_ms"].duration(milliseconds: message.leaseMs),
            timeLeft: try field["time_left_ms"].duration(milliseconds: message.timeLeftMs),
            localNoise: message.hasLocalNoise
                ? try NoiseRequest(message.localNoise, at: field["local_noise"]) : nil)
        offersDifference = message.deltaDownloads
        asksForTimes = id.kind == .train && message.asksForTimes && !message.hasLocalNoise
        if message.hasPersonal { personal = try TaskPersonal(message.personal, layout, at: field["personal"]) }
    }

    /// Whoever scores a model trains only where that is what comes to its own.
    private static func solver(
        _ message: WireTask, _ kind: TaskKind, at field: WireField
    ) throws(ConnectError) -> LocalSolver? {
        guard kind == .train || message.hasPersonal && message.hasTraining else { return nil }
        return try LocalSolver(message.training, at: field)
    }

    private static func model(
        _ message: WireTask, _ layout: TensorLayout, at field: WireField
    ) throws(ConnectError) -> TensorBlob {
        let model = try TensorBlob(message.model, at: field)
        let size = layout.count * model.encoding.bytesPerElement
        guard model.byteCount == size else {
            throw field["size"].error("is \(model.byteCount); the layout's tensors take \(size) bytes")
        }
        return model
    }

    /// How to compress; nil also for a way that is not known here, as a newer server may have it: then plain numbers go.
    private static func compression(_ message: WireTask) -> Compression? {
        guard message.updateCompression.utf8.count <= WireLimits.encodingBytes,
            let encoding = try? UpdateEncoding(message.updateCompression)
        else { return nil }
        return Compression(encoding, hasErrorFeedback: message.errorFeedback)
    }

    /// What is not training has no update, so its encoding may be left open.
    private static func encoding(
        _ message: WireTask, _ kind: TaskKind, at field: WireField
    ) throws(ConnectError) -> TensorEncoding {
        if kind != .train, message.updateEncoding == .unspecified { return .float32 }
        return try TensorEncoding(message.updateEncoding, at: field)
    }
}

extension WireTask {
    /// A task as a message.
    public init(_ task: TaskDescription) {
        self.init()
        id = task.id.description
        kind = Kind(task.id.kind)
        run = task.id.run.rawValue
        round = UInt64(clamping: task.id.round.rawValue)
        model = WireBlob(task.model)
        modelVersion = UInt64(clamping: task.modelVersion.rawValue)
        modelName = task.modelName
        layout = task.layout.messages
        if let solver = task.solver { training = WireTraining(solver, algorithm: task.algorithm) }
        evaluationLimit = UInt64(clamping: task.evaluationLimit ?? 0)
        seed = task.seed
        updateEncoding = WireEncoding(task.updateEncoding)
        updateCompression = task.compression?.encoding.description ?? ""
        errorFeedback = task.compression?.hasErrorFeedback ?? false
        if let method = task.method { self.method = WireTaskMethod(method) }
        if let noise = task.localNoise { localNoise = WireLocalNoise(noise) }
        updateBound = task.updateBound
        exampleLimit = UInt64(clamping: task.exampleLimit)
        leaseMs = UInt64(WireLimits.clampedMilliseconds(task.lease))
        timeLeftMs = UInt64(WireLimits.clampedMilliseconds(task.timeLeft))
        deltaDownloads = task.offersDifference
        asksForTimes = task.asksForTimes
        if let personal = task.personal { self.personal = WireTaskPersonal(personal) }
    }
}
