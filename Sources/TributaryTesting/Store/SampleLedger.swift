public import TributaryCore
import TributaryMath

/// Rows for tests of ledgers.
public enum SampleLedger {
    /// The run of the name, which is to be one that a run can have.
    public static func run(_ name: String) -> RunID {
        guard let run = RunID(rawValue: name) else { preconditionFailure("\(name) is not a run's name") }
        return run
    }

    /// A digest that is the same for the same number.
    public static func digest(_ number: Int) -> BlobDigest {
        BlobDigest(of: Array("blob \(number)".utf8))
    }

    /// A blob of 100 numbers.
    public static func blob(_ number: Int) -> TensorBlob {
        TensorBlob(digest: digest(number), byteCount: 400, encoding: .float32)
    }

    /// A registered client.
    public static func client(_ number: UInt64, site: String = "hospital") -> ClientRow {
        ClientRow(
            id: ClientID(number),
            description: ClientDescription(
                name: "client \"\(number)\" of Zürich", labels: ["site": site, "region": "north"],
                dataSignature: "features 13 classes 2"),
            registrationKey: digest(Int(truncatingIfNeeded: number)), credential: digest(1), previousCredential: nil,
            credentialExpires: Instant(sinceStart: .milliseconds(123_456_789)), registeredAt: .start)
    }

    /// A run that was just created.
    public static func runRow(_ name: String, status: RunRow.Status = .active) -> RunRow {
        var row = RunRow(
            id: run(name), plan: ["run": ["seed": "1"], "model": ["name": "mlp:200,200"]],
            target: ClientTarget(labels: ["site": "hospital"]), tensors: [TensorShape(name: "w", shape: [10, 10])],
            initialModel: blob(0), status: status, createdAt: .start)
        row.carbonTrace = name == "a" ? nil : "time,region,intensity\n0,Zürich,1e2\n"
        return row
    }

    /// The task of a round.
    public static func task(_ run: String, _ round: Int, _ kind: TaskKind = .train) -> TaskID {
        TaskID(run: self.run(run), round: RoundNumber(round), kind: kind)
    }

    /// A round that was opened for ten clients.
    public static func round(_ task: TaskID) -> RoundRow {
        let number = task.round.rawValue
        return RoundRow(
            id: task, cohort: (0..<10).map { ClientID($0) }, goal: 8, quorum: 5,
            openedAt: Instant(sinceStart: .seconds(number)), modelVersion: ModelVersion(number - 1),
            model: blob(number - 1), populationSize: number % 2 == 0 ? 11 : nil,
            population: number % 2 == 0 ? (0..<10).map { ClientID($0) } + [ClientID(.max)] : nil)
    }

    /// A client's update for a task.
    public static func contribution(_ task: TaskID, _ client: UInt64, loss: Double = 0.1) -> ContributionRow {
        let number = 1_000_000 + task.round.rawValue * 1000 + Int(truncatingIfNeeded: client % 1000)
        var row = ContributionRow(
            task: task, client: ClientID(client),
            update: TrainedUpdate(
                blob: UpdateBlob(blob(number)),
                outcome: TrainingOutcome(exampleCount: 37, stepCount: 4, meanLoss: loss),
                metrics: ["accuracy": 1.0 / 3],
                method: client % 2 == 1 ? MethodReport(form: "nova-1", figures: [1.0 / 7, 4]) : nil,
                encodingError: client % 2 == 0 ? 1.0 / 7 : nil),
            weight: 37, norm: 0.1 + 0.2, acceptedAt: Instant(sinceStart: .nanoseconds(1_234_567_891)))
        // Every third is of a run that counts energy.
        guard client % 3 == 0 else { return row }
        row.update.times = WorkTimes(download: 0.1, training: 1.0 / 3, upload: 0)
        row.work = WorkNote(
            begin: Instant(sinceStart: .nanoseconds(1)),
            statement: EnergyStatement(region: "Zürich", trainingWatts: client % 2 == 0 ? 4.5 : nil))
        return row
    }

    /// A client's score for a task.
    public static func evaluation(_ task: TaskID, _ client: UInt64) -> EvaluationRow {
        EvaluationRow(
            task: task, client: ClientID(client),
            evaluation: Evaluation(exampleCount: 5, lossSum: 1.0 / 7, correctCount: 3), metrics: [:],
            own: client % 2 == 1 ? Evaluation(exampleCount: 5, lossSum: 1.0 / 9, correctCount: 4) : nil)
    }

    /// The end of a round.
    public static func end(
        _ run: String, _ round: Int, isScored: Bool = true, accuracy: Double? = nil
    ) -> RoundEndRow {
        var summary = RoundSummary(
            round: RoundNumber(round), outcome: .committed, modelVersion: ModelVersion(round), learningRate: 0.1)
        summary.participation.invited = 10
        summary.participation.dropped = [.late: 1, .duringTraining: 2]
        summary.trainLoss = 1.0 / 3
        if round % 2 == 0 {
            var energy = RoundSummary.Energy()
            energy.training = .init(kilowattHours: 1.0 / 7, grams: 0.1)
            summary.energy = energy
        }
        summary.test = accuracy.map { Score(exampleCount: 100, loss: 0.5, accuracy: $0) }
        // Every other server keeps something beside the model.
        let state = OptimiserStateRow(
            form: "adam-1",
            vectors: [("first-moment", 1000), ("second-moment", 2000)].map { name, first in
                OptimiserStateRow.Vector(name: name, blob: blob(first + round))
            })
        return RoundEndRow(
            run: self.run(run), summary: summary, model: blob(round), optimiserState: round % 2 == 0 ? state : nil,
            method: round % 2 == 0
                ? MethodStateRow(
                    form: "prox-1", figures: [0.1 + 0.2, .infinity],
                    vectors: [.init(name: "h", blob: blob(3000 + round))],
                    clients: round % 4 == 0 ? [ClientID(1), ClientID(.max)] : nil) : nil,
            serverLearningRate: 0.1, isScored: isScored, endedAt: Instant(sinceStart: .seconds(round)))
    }

    /// What a private run had spent after a round: that of so many trees of one round.
    public static func privacy(_ run: String, after round: Int) -> PrivacyRow {
        var stream = Seed(UInt64(round)).derived("sample key").stream()
        do {
            var plan = Plan()
            (plan.cohort.count, plan.privacy.delta) = (8, 1e-5)
            try plan.set("privacy.mechanism", to: "tree:clip=0.5,noise=2,rounds=1")
            guard let figures = try ResolvedPlan(plan, populationSize: 8).privacy else {
                preconditionFailure("a plan with privacy has none")
            }
            var state = try PrivacyState(figures)
            if round > 0 { state.begin(RoundNumber(round), under: figures) }
            return PrivacyRow(
                run: self.run(run), round: RoundNumber(round), state: state, key: NoiseKey.random(using: &stream))
        } catch {
            preconditionFailure("a plan that is none: \(error)")
        }
    }

    /// A history of batches as a coordinator with two runs might write them, with conflicts among them.
    public static func history(seed: UInt64, count: Int) -> [[LedgerEntry]] {
        var stream = Seed(seed).derived("sample history").stream()
        return (0..<count).map { _ in
            (0...stream.uniform(below: 4)).map { _ in
                let run = ["a", "b-2"][stream.uniform(below: 2)]
                let kind = stream.uniform(below: 3) == 0 ? TaskKind.evaluate : .train
                let task = task(run, 1 + stream.uniform(below: 6), kind)
                let number = UInt64(stream.uniform(below: 12))
                // Numbers of all sizes: they are to be kept, and in order, whatever the database makes of them.
                let client = number == 11 ? UInt64.max : number == 10 ? UInt64(Int64.max) + 1 : number
                switch stream.uniform(below: 13) {
                case 0: return .client(SampleLedger.client(client, site: "site \(stream.uniform(below: 3))"))
                case 1: return .clientLeft(ClientID(client))
                case 2: return .run(runRow(run, status: RunRow.Status.allCases[stream.uniform(below: 5)]))
                case 3, 4: return .roundOpened(round(task))
                case 5, 6, 7, 8: return .contribution(contribution(task, client, loss: stream.normal()))
                case 9, 10: return .evaluation(evaluation(task, client))
                case 11: return .privacy(privacy(run, after: stream.uniform(below: 3)))
                default:
                    let accuracy = stream.uniform(below: 2) == 0 ? nil : stream.uniform()
                    let isScored = stream.uniform(below: 2) == 0
                    return .roundEnded(end(run, task.round.rawValue, isScored: isScored, accuracy: accuracy))
                }
            }
        }
    }
}
