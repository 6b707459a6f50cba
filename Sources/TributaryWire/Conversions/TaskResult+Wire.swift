public import TributaryCore

extension TaskResult {
    /// Reads what a client hands in. Throws `invalid_argument` for what breaks the protocol: no result, a bad digest, a
    /// count that is too large, too many metrics.
    ///
    /// What fits the protocol but cannot be used (its kind, encoding or size is not the task's, a loss or a metric is
    /// not finite after a training that diverged) is for the coordinator to refuse: then the client is answered and the
    /// round need not wait for it.
    public init(_ message: WireSubmitRequest) throws(ConnectError) {
        let field = WireField.message
        switch message.result {
        case .training(let training)?:
            self = .trained(try TrainedUpdate(training, at: field["training"]))
        case .evaluation(let result)?:
            let metrics = try field["evaluation"]["metrics"].metrics(result.metrics)
            self = .evaluated(
                try Evaluation(result, at: field["evaluation"]), metrics: metrics,
                own: try Evaluation(own: result, at: field["evaluation"]))
        case .measure(let result)?: self = .measured(loss: result.loss)
        case nil:
            throw field.error("field training, evaluation or measure: one of them must be there")
        }
    }
}

extension WireSubmitRequest {
    /// A result of a task as a message.
    public init(task: TaskID, result: TaskResult) {
        self.init()
        taskID = task.description
        switch result {
        case .trained(let update): training = WireTrainingResult(update)
        case .evaluated(let evaluation, let metrics, let own):
            self.evaluation = WireEvaluationResult(evaluation, metrics)
            self.evaluation.add(own: own)
        case .measured(let loss): measure.loss = loss
        }
    }
}

extension TrainedUpdate {
    init(_ message: WireTrainingResult, at field: WireField) throws(ConnectError) {
        guard message.hasUpdate else { throw field["update"].error("must be there") }
        self.init(
            blob: try UpdateBlob(message, at: field),
            outcome: TrainingOutcome(
                exampleCount: try field["example_count"].count(message.exampleCount),
                stepCount: try field["step_count"].count(message.stepCount),
                meanLoss: message.meanLoss),
            metrics: try field["metrics"].metrics(message.metrics),
            method: message.hasMethod ? try MethodReport(message.method, at: field["method"]) : nil,
            localNoise: message.hasLocalNoise
                ? try NoiseRequest(message.localNoise, at: field["local_noise"]) : nil,
            encodingError: message.hasEncodingError ? message.encodingError : nil)
        if message.hasTimes { times = try WorkTimes(message.times, at: field["times"]) }
    }
}

extension UpdateBlob {
    /// A compression that is not known is refused at once: nobody asked for it.
    fileprivate init(_ message: WireTrainingResult, at field: WireField) throws(ConnectError) {
        let blob = try TensorBlob(message.update, at: field["update"])
        let text = try field["compression"].text(message.compression, bytes: 0...WireLimits.encodingBytes)
        guard !text.isEmpty else {
            self.init(blob)
            return
        }
        do throws(UpdateEncoding.TextError) {
            let encoding = try UpdateEncoding(text)
            self.init(digest: blob.digest, byteCount: blob.byteCount, encoding: encoding)
        } catch {
            throw field["compression"].error("must be an encoding: \(error.description)")
        }
    }
}

extension WireTrainingResult {
    init(_ update: TrainedUpdate) {
        self.init()
        if let numbers = update.blob.numbers {
            self.update = WireBlob(numbers)
        } else {
            self.update = WireBlob(
                TensorBlob(digest: update.blob.digest, byteCount: update.blob.byteCount, encoding: .float32))
            compression = update.blob.encoding.description
        }
        exampleCount = UInt64(clamping: update.outcome.exampleCount)
        stepCount = UInt64(clamping: update.outcome.stepCount)
        meanLoss = update.outcome.meanLoss
        metrics = update.metrics
        if let report = update.method { method = WireMethodReport(report) }
        if let noise = update.localNoise { localNoise = WireLocalNoise(noise) }
        if let error = update.encodingError { encodingError = error }
        if let times = update.times { self.times = WireWorkTimes(times) }
    }
}

extension Evaluation {
    init(_ message: WireEvaluationResult, at field: WireField) throws(ConnectError) {
        let count = try field["example_count"].count(message.exampleCount)
        let correct =
            message.hasCorrectCount ? try field["correct_count"].count(message.correctCount, in: 0...count) : nil
        self.init(
            exampleCount: count, lossSum: message.lossSum, correctCount: correct)
    }
}

extension WireEvaluationResult {
    init(_ evaluation: Evaluation, _ metrics: [String: Double]) {
        self.init()
        exampleCount = UInt64(clamping: evaluation.exampleCount)
        lossSum = evaluation.lossSum
        if let correct = evaluation.correctCount { correctCount = UInt64(clamping: correct) }
        self.metrics = metrics
    }
}
