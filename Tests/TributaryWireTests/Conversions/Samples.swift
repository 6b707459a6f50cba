import Testing
import TributaryCore
import TributaryMath
import TributaryWire

/// Values of our vocabulary drawn at random, all within the protocol's limits.
struct Samples {
    var stream: RandomStream

    init(_ seed: Seed) {
        stream = seed.derived("samples").stream()
    }

    mutating func digest() throws -> BlobDigest {
        let bytes = (0..<32).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
        return try #require(BlobDigest(bytes: bytes))
    }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[stream.uniform(below: values.count)] }

    mutating func encoding() -> TensorEncoding { pick(TensorEncoding.allCases) }

    mutating func text(_ limit: Int) -> String {
        String((0..<stream.uniform(below: limit)).map { _ in pick(Array("abcß ,=\"\\/漢")) })
    }

    mutating func labels() -> [String: String] {
        var labels: [String: String] = [:]
        for index in 0..<stream.uniform(below: 5) { labels["k\(index)" + text(5)] = text(20) }
        return labels
    }

    mutating func metrics() -> [String: Double] {
        var metrics: [String: Double] = [:]
        for index in 0..<stream.uniform(below: 5) { metrics["m\(index)"] = stream.normal() }
        return metrics
    }

    mutating func duration() -> Duration { .milliseconds(stream.uniform(below: 10_000_000)) }

    mutating func tensors() -> [TensorShape] {
        (0..<(1 + stream.uniform(below: 5))).map { index in
            TensorShape(
                name: "layer\(index).weight",
                shape: (0..<stream.uniform(below: 4)).map { _ in 1 + stream.uniform(below: 9) })
        }
    }

    mutating func solver() -> LocalSolver {
        var solver = LocalSolver()
        solver.work =
            stream.bernoulli(0.5) ? .epochs(1 + stream.uniform(below: 9)) : .steps(1 + stream.uniform(below: 9))
        solver.batchSize = stream.bernoulli(0.2) ? nil : 1 + stream.uniform(below: 100)
        solver.learningRate = stream.uniform()
        solver.momentum = stream.uniform()
        solver.weightDecay = stream.uniform()
        solver.clipNorm = stream.bernoulli(0.5) ? nil : 0.5 + stream.uniform()
        solver.proximal = stream.bernoulli(0.5) ? 0 : stream.uniform()
        return solver
    }

    mutating func taskID(_ kind: TaskKind) throws -> TaskID {
        let run = try #require(RunID(rawValue: "run-\(stream.uniform(below: 1000))"))
        return TaskID(run: run, round: RoundNumber(1 + stream.uniform(below: 1_000_000)), kind: kind)
    }

    mutating func compression() -> Compression? {
        let all = EncodingFamily.all.flatMap(\.examples)
        guard stream.bernoulli(0.5) else { return nil }
        return Compression(all[stream.uniform(below: all.count)], hasErrorFeedback: stream.bernoulli(0.5))
    }

    mutating func method(_ layout: TensorLayout) throws -> TaskMethod? {
        let names = ["nova:mu=0.5", "qfedavg", "prox:mu=0.1,adaptive=true"]
        guard stream.bernoulli(0.5), let text = PartText(planText: names[stream.uniform(below: names.count)]) else {
            return nil
        }
        return TaskMethod(
            text, form: "\(text.name)-\(1 + stream.uniform(below: 3))",
            countedRound: stream.bernoulli(0.5) ? nil : RoundNumber(1 + stream.uniform(below: 1000)),
            vectors: try (0..<stream.uniform(below: 3)).map { _ in
                TensorBlob(digest: try digest(), byteCount: 4 * layout.count, encoding: .float32)
            }, messageBounds: (0..<stream.uniform(below: 3)).map { _ in stream.uniform() })
    }

    mutating func report() -> MethodReport? {
        guard stream.bernoulli(0.5) else { return nil }
        let figures = (0..<stream.uniform(below: 5)).map { _ in stream.normal() }
        return MethodReport(form: "nova-1", figures: figures)
    }

    mutating func task(_ kind: TaskKind) throws -> TaskDescription {
        let (id, digest) = (try taskID(kind), try digest())
        let layout = TensorLayout(tensors().map { (name: $0.name, shape: $0.shape) })
        let encoding = encoding()
        return TaskDescription(
            id: id,
            model: TensorBlob(digest: digest, byteCount: layout.count * encoding.bytesPerElement, encoding: encoding),
            modelVersion: ModelVersion(stream.uniform(below: 1000)), modelName: "mlp:\(stream.uniform(below: 99))",
            layout: layout, solver: kind == .train ? solver() : nil, algorithm: kind == .train ? "fedavg" : "",
            evaluationLimit: stream.bernoulli(0.5) ? nil : 1 + stream.uniform(below: 100), seed: stream.next(),
            updateEncoding: self.encoding(), compression: kind == .train ? compression() : nil,
            method: kind == .train ? try method(layout) : nil, updateBound: 0.1 + stream.uniform(),
            exampleLimit: 1 + stream.uniform(below: 1_000_000), lease: duration(), timeLeft: duration())
    }

    mutating func result(_ kind: TaskKind) throws -> TaskResult {
        let digest = try digest()
        let count = stream.uniform(below: 1_000_000)
        switch kind {
        case .train:
            let outcome = TrainingOutcome(
                exampleCount: count, stepCount: stream.uniform(below: 1000), meanLoss: stream.normal())
            let encoding = compression()?.encoding ?? UpdateEncoding(encoding())
            let blob = UpdateBlob(digest: digest, byteCount: stream.uniform(below: 1 << 40), encoding: encoding)
            return .trained(
                TrainedUpdate(
                    blob: blob, outcome: outcome, metrics: metrics(), method: report(),
                    encodingError: stream.bernoulli(0.5) ? stream.uniform() : nil))
        case .evaluate:
            let correct = stream.bernoulli(0.5) ? nil : stream.uniform(below: count + 1)
            return .evaluated(
                Evaluation(exampleCount: count, lossSum: stream.normal(), correctCount: correct), metrics: metrics())
        }
    }
}
