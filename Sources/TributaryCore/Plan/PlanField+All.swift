extension PlanField {
    /// Every field of a plan, in the order in which a plan file would say them.
    public static let all: [PlanField] =
        runFields + strategyFields + dataFields + cohortFields + localFields + serverFields
        + privacyFields + deviceFields + energyFields + evaluationFields + liveFields

    private static func isProbability(_ value: Double) -> Bool { value >= 0 && value <= 1 }
    private static let probability = "a probability from 0 to 1"

    private static let runFields = [
        PlanField("name", \.name, "The run's title in reports."),
        PlanField("seed", \.seed, "The seed of every random choice: the same seed, plan and data give the same bytes."),
        PlanField("rounds", \.rounds, "Rounds to run.", must: "a whole number from 1 to 1000000") {
            $0 >= 1 && $0 <= 1_000_000
        },
        PlanField("model", \.model, "The model: auto, softmax, linear, mlp:200,200, cnn, lstm."),
        PlanField("algorithm", \.algorithm, "The federated algorithm: a name for a choice of parts."),
    ]

    private static let strategyFields = [
        PlanField(
            "strategy.method", \.strategy.method,
            "What is done beside averaging where clients' data differ: plain, prox, nova, scaffold, dyn, qfedavg, qfedsgd or "
                + "afl, as in prox:mu=0.1; none is the algorithm's own."),
        PlanField(
            "strategy.optimiser", \.strategy.optimiser,
            "What makes the next model of the mean update: sgd, momentum, adagrad, adam or yogi, as in adam:tau=0.01; "
                + "none is the algorithm's own."),
        PlanField(
            "strategy.pacing", \.strategy.pacing,
            "When the model moves: synchronous, buffered or mixing, as in buffered:goal=10; none is the "
                + "algorithm's own, else synchronous."),
        PlanField(
            "strategy.personalisation", \.strategy.personalisation,
            "How clients come to models of their own: fine-tuning, ditto, fedper, fedrep or apfl, as in ditto:lambda=0.5 or "
                + "fedper:head=1; none is no such models."),
        PlanField(
            "strategy.aggregation", \.strategy.aggregation,
            "What makes one update of a round's: mean, median, trimmed-mean, krum, multi-krum, bulyan, geometric-median, "
                + "norm-bounding or centred-clipping, as in trimmed-mean:adversaries=0.1; none is mean."),
        PlanField(
            "strategy.encoding", \.strategy.encoding,
            "How updates are written on their way, as qsgd:4, eden:2 or topk:0.05; none is f32, over a network "
                + "live.update-encoding."),
        PlanField(
            "strategy.error-feedback", \.strategy.errorFeedback,
            "Whether clients add to an update what their earlier ones left out; none is with encodings that need it."),
        PlanField(
            "strategy.download", \.strategy.download,
            "How clients get the model: full, or delta, its difference to the last they had if that is one of the "
                + "checkpoint.keep newest."),
    ]

    private static let dataFields = [
        PlanField("data.set", \.data.set, "The data set: a named one, or csv for your own files."),
        PlanField("data.directory", \.data.directory, "The folder with the data set's files."),
        PlanField("data.file", \.data.file, "For csv: the file to train on."),
        PlanField(
            "data.test-file", \.data.testFile, "For csv: the file of the central test set; none holds out a fifth."),
        PlanField(
            "data.label", \.data.label, "For csv: the label's column by name or number from 1; none is the last."),
        PlanField("data.client-column", \.data.clientColumn, "For csv: the column that names a row's client."),
        PlanField("data.task", \.data.task, "For csv: what the label is."),
        PlanField("data.missing", \.data.missing, "For csv: what becomes of rows with missing values."),
        PlanField("data.verify", \.data.verify, "Refuse files whose content is not the published one."),
        PlanField(
            "data.clients", \.data.clients, "Registered clients; none takes the data's own, else 100.",
            must: "a whole number from 1 to 1000000000, or none"
        ) { $0.map { $0 >= 1 && $0 <= 1_000_000_000 } ?? true },
        PlanField(
            "data.partition", \.data.partition,
            "How examples are dealt out: auto, iid, shards:2, dirichlet:0.1, dirichlet-labels:0.1, label-quantity:2, "
                + "power-law:1.5, natural, resample:20."),
        PlanField(
            "data.validation", \.data.validation, "The share of each client's examples held out for validation.",
            must: "a share from 0 up to, but not including, 1"
        ) { $0 >= 0 && $0 < 1 },
        PlanField(
            "data.test", \.data.test, "The share of each client's examples held out for federated evaluation.",
            must: "a share from 0 up to, but not including, 1"
        ) { $0 >= 0 && $0 < 1 },
    ]

    private static let cohortFields = [
        PlanField("cohort.selection", \.cohort.selection, "How a round's clients are drawn."),
        PlanField(
            "cohort.participation-cap", \.cohort.participationCap,
            "The most rounds that a client is invited to.", must: "a whole number from 1, or none"
        ) { $0.map { $0 >= 1 } ?? true },
        PlanField(
            "cohort.participation-gap", \.cohort.participationGap,
            "A client is invited at most once every so many rounds.",
            must: "a whole number from 1, or none"
        ) { $0.map { $0 >= 1 } ?? true },
        PlanField(
            "cohort.fraction", \.cohort.fraction,
            "C: the share of the clients that a round wants (0.1 unless cohort.count is given).",
            must: "a share above 0 and at most 1, or none"
        ) { $0.map { $0 > 0 && $0 <= 1 } ?? true },
        PlanField(
            "cohort.count", \.cohort.count, "The number of clients that a round wants, instead of a share.",
            must: "a whole number from 1, or none"
        ) { $0.map { $0 >= 1 } ?? true },
        PlanField(
            "cohort.over-selection", \.cohort.overSelection,
            "Invite this many times the wanted clients and close when the wanted number has reported.",
            must: "a number from 1 to 10"
        ) { $0 >= 1 && $0 <= 10 },
        PlanField(
            "cohort.quorum", \.cohort.quorum, "The fewest contributions that let a round commit.",
            must: "a number of clients from 1, or a share such as 80%"
        ) {
            switch $0 {
            case .count(let count): count >= 1
            case .share(let share): share > 0 && share <= 1
            }
        },
        PlanField(
            "cohort.deadline", \.cohort.deadline, "The longest a round stays open.",
            must: "a time above 0, such as 90s or 10m"
        ) { $0 > .zero },
        PlanField(
            "cohort.lease", \.cohort.lease, "How long a client may stay silent before a round stops waiting for it.",
            must: "a time above 0, such as 60s"
        ) { $0 > .zero },
    ]

    private static let localFields = [
        PlanField(
            "local.epochs", \.local.epochs,
            "E: passes over a client's data in a round (1 unless local.steps is given).",
            must: "a whole number from 1 to 100000, or none"
        ) { $0.map { $0 >= 1 && $0 <= 100_000 } ?? true },
        PlanField(
            "local.steps", \.local.steps, "Mini-batch steps in a round, instead of epochs.",
            must: "a whole number from 1 to 10000000, or none"
        ) { $0.map { $0 >= 1 && $0 <= 10_000_000 } ?? true },
        PlanField(
            "local.batch-size", \.local.batchSize, "B: examples a step; none is 10, or full for fedsgd.",
            must: "a whole number from 1, full, or none"
        ) { if case .examples(let count)? = $0 { count >= 1 } else { true } },
        PlanField(
            "local.learning-rate", \.local.learningRate, "The clients' learning rate in the first round.",
            must: "a number above 0"
        ) { $0 > 0 && $0.isFinite },
        PlanField("local.schedule", \.local.schedule, "How the learning rate changes over rounds."),
        PlanField(
            "local.momentum", \.local.momentum, "Heavy-ball momentum, reset each round.",
            must: "a number from 0 up to, but not including, 1"
        ) { $0 >= 0 && $0 < 1 },
        PlanField(
            "local.weight-decay", \.local.weightDecay, "The L2 penalty added to every gradient.",
            must: "a number from 0"
        ) { $0 >= 0 && $0.isFinite },
        PlanField(
            "local.clip-norm", \.local.clipNorm, "The largest L2 norm of a step's gradient.",
            must: "a number above 0, or none"
        ) { $0.map { $0 > 0 && $0.isFinite } ?? true },
        PlanField(
            "local.partial-work", \.local.partialWork,
            "What becomes of the work of a client that runs out of time; none is as the method has it."),
    ]

    private static let serverFields = [
        PlanField(
            "server.learning-rate", \.server.learningRate,
            "The server's learning rate in the first round; none is the optimiser's own (sgd and momentum 1, adagrad 0.1, "
                + "adam and yogi 0.01). With sgd, 1 is model averaging.",
            must: "a number above 0 and at most 1000000, or none"
        ) { $0.map { $0 > 0 && $0 <= 1e6 } ?? true },
        PlanField("server.schedule", \.server.schedule, "How the server's learning rate changes over rounds."),
        PlanField(
            "server.weighting", \.server.weighting,
            "The weight of an update in the mean; none is the method's own, else examples."),
        PlanField(
            "server.update-bound", \.server.updateBound,
            "The largest magnitude of a coordinate of an update; an update beyond it is refused.",
            must: "a number above 0 and at most 1e6"
        ) { $0 > 0 && $0 <= 1e6 && Float($0) > 0 },
    ]

    private static let privacyFields = [
        PlanField(
            "privacy.mechanism", \.privacy.mechanism,
            "How noise hides what one client can have moved: sampled, tree or local, as in sampled:clip=0.5,noise=1; none "
                + "is no noise."),
        PlanField(
            "privacy.epsilon", \.privacy.epsilon,
            "The largest ε of a client: the run ends before it is exceeded; none lets it grow.",
            must: "a number above 0 and at most 1000000, or none"
        ) { $0.map { $0 > 0 && $0 <= 1e6 } ?? true },
        PlanField(
            "privacy.delta", \.privacy.delta, "δ at which ε is counted; none is 1 / N^1.1 for N clients.",
            must: "a number between 0 and 1, or none"
        ) { $0.map { $0 > 0 && $0 < 1 } ?? true },
        PlanField(
            "privacy.population", \.privacy.population,
            "Over a network, with sampled: N, by which each registered client is in a round with the probability "
                + "cohort.count / N; none is the number of simulated clients.",
            must: "a whole number from 1 to 1000000000, or none"
        ) { $0.map { $0 >= 1 && $0 <= 1_000_000_000 } ?? true },
    ]

    private static let deviceFields = [
        PlanField(
            "devices.examples-per-second", \.devices.examplesPerSecond, "Training speed of the simulated devices."),
        PlanField("devices.download-mbit", \.devices.download, "Download bandwidth in Mbit/s."),
        PlanField("devices.upload-mbit", \.devices.upload, "Upload bandwidth in Mbit/s."),
        PlanField("devices.latency-ms", \.devices.latency, "The time a message takes, in milliseconds."),
        PlanField(
            "devices.availability", \.devices.availability, "The probability that a client can be invited.",
            must: "a probability above 0 and at most 1"
        ) { $0 > 0 && $0 <= 1 },
        fault("before-training", \.faults.beforeTraining, "a client vanishes before it trains"),
        fault("during-training", \.faults.duringTraining, "a client vanishes while it trains"),
        fault("before-upload", \.faults.beforeUpload, "a client vanishes when its update is ready"),
        fault("stall", \.faults.stall, "a client goes silent without vanishing"),
        fault("duplicate", \.faults.duplicate, "a client sends its update again, because the answer was lost"),
        fault("garbage", \.faults.garbage, "a client sends bytes that are not an update"),
        fault("not-finite", \.faults.notFinite, "a client sends an update that contains NaN"),
        PlanField(
            "faults.attack", \.faults.attack,
            "What adversaries do: sign-flip, scaling, gaussian, label-flip, little-is-enough or inner-product, as in "
                + "scaling:factor=5."),
        PlanField(
            "faults.adversaries", \.faults.adversaries,
            "The share of the clients that attack, the same ones in every round.", must: probability,
            where: isProbability),
        fault(
            "straggler", \.faults.straggler,
            "a client has time only for a part of its epochs or steps, drawn from 1 up to one less than all"),
    ]

    private static func fault(
        _ key: String, _ keyPath: any WritableKeyPath<Plan, Double> & Sendable, _ event: String
    ) -> PlanField {
        PlanField("faults.\(key)", keyPath, "The probability that \(event).", must: probability, where: isProbability)
    }

    private static let evaluationFields = [
        PlanField(
            "evaluation.every", \.evaluation.every,
            "Score the model on the central test set every so many rounds; 0 only after the last.",
            must: "a whole number from 0"
        ) { $0 >= 0 },
        PlanField(
            "evaluation.federated-every", \.evaluation.federatedEvery,
            "Score the model on clients' own held-out data every so many rounds; 0 only after the last, none never.",
            must: "a whole number from 0, or none"
        ) { $0.map { $0 >= 0 } ?? true },
        PlanField(
            "evaluation.federated-clients", \.evaluation.federatedClients,
            "The number of clients, drawn anew each time, that score the model on their data.",
            must: "a whole number from 1"
        ) { $0 >= 1 },
        PlanField(
            "evaluation.test-examples", \.evaluation.testExamples,
            "The most examples of the central test set that are scored, evenly spaced; none scores all.",
            must: "a whole number from 1, or none"
        ) { $0.map { $0 >= 1 } ?? true },
        PlanField(
            "evaluation.client-examples", \.evaluation.clientExamples,
            "The most held-out examples of a client that are scored, evenly spaced; none scores all.",
            must: "a whole number from 1, or none"
        ) { $0.map { $0 >= 1 } ?? true },
        PlanField(
            "evaluation.baselines", \.evaluation.baselines,
            "Also train without a federation, to compare with: each client alone, on all data pooled, or both."),
        PlanField(
            "stop.accuracy", \.stop.accuracy, "End after the first round with this test accuracy.",
            must: "an accuracy above 0 and at most 1, or none"
        ) { $0.map { $0 > 0 && $0 <= 1 } ?? true },
        PlanField(
            "stop.target", \.stop.target, "Report the first round with this test accuracy, but go on.",
            must: "an accuracy above 0 and at most 1, or none"
        ) { $0.map { $0 > 0 && $0 <= 1 } ?? true },
        PlanField(
            "checkpoint.every", \.checkpoint.every,
            "Store the state every so many rounds; none stores it when a few seconds have passed since the last.",
            must: "a whole number from 1, or none"
        ) { $0.map { $0 >= 1 } ?? true },
        PlanField(
            "checkpoint.keep", \.checkpoint.keep, "The number of checkpoints to keep.", must: "a whole number from 1"
        ) { $0 >= 1 },
    ]

    private static let liveFields = [
        PlanField(
            "live.min-clients", \.live.minClients,
            "Over a network: the fewest clients that must be there before a round opens; none is cohort.count or the "
                + "quorum.",
            must: "a whole number from 1, or none"
        ) { $0.map { $0 >= 1 } ?? true },
        PlanField(
            "live.example-limit", \.live.exampleLimit,
            "Over a network: the most examples that a client may claim; an update that claims more is refused.",
            must: "a whole number from 1 to 1000000000"
        ) { $0 >= 1 && $0 <= 1_000_000_000 },
        PlanField(
            "live.update-encoding", \.live.updateEncoding,
            "Over a network: how clients write the numbers of updates that they do not compress."),
        PlanField(
            "live.ask-deadline", \.live.askDeadline,
            "Over a network: the longest that candidates for a round may take to say their loss (power-of-choice with "
                + "loss=exact), and clients to score a model while others train on (strategy.pacing).",
            must: "a time above 0, such as 90s or 10m"
        ) { $0 > .zero },
    ]
}
