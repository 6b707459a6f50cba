import ArgumentParser

/// Flags of the data and its partition.
struct DataFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A named data set (see: tributary datasets list), csv, text, or the path of a CSV file.", valueName: "name")
    )
    var dataset: String?
    @Option(help: ArgumentHelp("The folder with the data set's files.", valueName: "folder"))
    var dataDir: String?
    @Option(
        name: [.long, .customLong("train")],
        help: ArgumentHelp("For csv and text: the file to train on.", valueName: "file"))
    var file: String?
    @Option(
        name: [.long, .customLong("test")],
        help: ArgumentHelp("For csv and text: the file of the central test set.", valueName: "file"))
    var testFile: String?
    @Option(
        help: ArgumentHelp(
            "For csv: the label's column by name or number from 1 (default: the last).", valueName: "column"))
    var label: String?
    @Option(help: ArgumentHelp("For csv: the column that names the client each row belongs to.", valueName: "column"))
    var clientColumn: String?
    @Option(help: ArgumentHelp("For csv: auto, classes or regression.", valueName: "kind"))
    var task: String?
    @Option(help: ArgumentHelp("For csv: what becomes of rows with missing values: impute or drop.", valueName: "how"))
    var missing: String?
    @Flag(help: "Accept files whose content is not the published one.")
    var noVerify = false
    @Option(
        help: ArgumentHelp(
            "Registered clients (default: as many as the data has by nature, else 100).", valueName: "count"))
    var clients: String?
    @Option(
        help: ArgumentHelp(
            """
            How examples are dealt out: iid, shards:2, dirichlet:0.1, dirichlet-labels:0.1, label-quantity:2, \
            power-law:1.5, natural, resample:20 (default: natural where the data has clients, else iid).
            """, valueName: "how"))
    var partition: String?
    @Option(help: ArgumentHelp("The share of each client's examples held out for validation.", valueName: "share"))
    var holdoutValidation: String?
    @Option(
        help: ArgumentHelp("The share of each client's examples held out for federated evaluation.", valueName: "share")
    )
    var holdoutTest: String?

    var fields: [PlanFlag] {
        [
            ("dataset", "data.set", dataset), ("data-dir", "data.directory", dataDir), ("file", "data.file", file),
            ("test-file", "data.test-file", testFile), ("label", "data.label", label),
            ("client-column", "data.client-column", clientColumn), ("task", "data.task", task),
            ("missing", "data.missing", missing), ("no-verify", "data.verify", noVerify ? "false" : nil),
            ("clients", "data.clients", clients), ("partition", "data.partition", partition),
            ("holdout-validation", "data.validation", holdoutValidation), ("holdout-test", "data.test", holdoutTest),
        ]
    }
}

/// Flags of rounds and aggregation.
struct RoundFlags: ParsableArguments {
    @Option(help: ArgumentHelp("The run's title in reports.", valueName: "title"))
    var name: String?
    @Option(help: ArgumentHelp("The seed of every random choice (default: 1).", valueName: "number"))
    var seed: String?
    @Option(help: ArgumentHelp("Rounds to run (default: 20).", valueName: "count"))
    var rounds: String?
    @Option(
        help: ArgumentHelp(
            "The model: softmax, linear, mlp:200,200, cnn, lstm … (default: one that fits the data).", valueName: "name"
        ))
    var model: String?
    @Option(help: ArgumentHelp("The federated algorithm: fedavg or fedsgd (default: fedavg).", valueName: "name"))
    var algorithm: String?
    @Option(
        help: ArgumentHelp(
            "How a round's clients are drawn: uniform, poisson or all (default: uniform).", valueName: "how"))
    var selection: String?
    @Option(help: ArgumentHelp("The share of the clients that a round wants (default: 0.1).", valueName: "share"))
    var fraction: String?
    @Option(
        name: [.long, .customLong("cohort")],
        help: ArgumentHelp("The number of clients that a round wants, instead of a share.", valueName: "count"))
    var clientsPerRound: String?
    @Option(
        help: ArgumentHelp(
            "Invite this many times the wanted clients and close when enough have reported (default: 1).",
            valueName: "factor"))
    var overSelection: String?
    @Option(
        help: ArgumentHelp(
            "The fewest contributions that let a round commit, as a number or a share (default: 50%).",
            valueName: "count|share"))
    var quorum: String?
    @Option(help: ArgumentHelp("The longest a round stays open in virtual time (default: 600s).", valueName: "time"))
    var deadline: String?
    @Option(
        help: ArgumentHelp(
            "How long a client may stay silent before a round stops waiting for it (default: 60s).", valueName: "time"))
    var lease: String?
    @Option(help: ArgumentHelp("The server's learning rate (default: 1, model averaging).", valueName: "rate"))
    var serverLearningRate: String?
    @Option(help: ArgumentHelp("The weight of an update: examples or uniform (default: examples).", valueName: "how"))
    var weighting: String?
    @Option(help: ArgumentHelp("The largest magnitude of a coordinate of an update (default: 8).", valueName: "number"))
    var updateBound: String?

    var fields: [PlanFlag] {
        [
            ("name", "name", name), ("seed", "seed", seed), ("rounds", "rounds", rounds), ("model", "model", model),
            ("algorithm", "algorithm", algorithm), ("selection", "cohort.selection", selection),
            ("fraction", "cohort.fraction", fraction), ("clients-per-round", "cohort.count", clientsPerRound),
            ("over-selection", "cohort.over-selection", overSelection), ("quorum", "cohort.quorum", quorum),
            ("deadline", "cohort.deadline", deadline), ("lease", "cohort.lease", lease),
            ("server-learning-rate", "server.learning-rate", serverLearningRate),
            ("weighting", "server.weighting", weighting), ("update-bound", "server.update-bound", updateBound),
        ]
    }
}

/// Flags of local training.
struct LocalFlags: ParsableArguments {
    @Option(help: ArgumentHelp("Passes over a client's data in a round (default: 1).", valueName: "count"))
    var epochs: String?
    @Option(help: ArgumentHelp("Mini-batch steps in a round, instead of epochs.", valueName: "count"))
    var steps: String?
    @Option(help: ArgumentHelp("Examples a step, or full (default: 10).", valueName: "count"))
    var batchSize: String?
    @Option(help: ArgumentHelp("The clients' learning rate in the first round (default: 0.1).", valueName: "rate"))
    var learningRate: String?
    @Option(
        help: ArgumentHelp(
            "constant, step:ROUNDS,FACTOR, exponential:FACTOR, cosine, cosine:FLOOR or warmup:ROUNDS.",
            valueName: "schedule"))
    var schedule: String?
    @Option(help: ArgumentHelp("Heavy-ball momentum, reset each round (default: 0).", valueName: "number"))
    var momentum: String?
    @Option(help: ArgumentHelp("The L2 penalty added to every gradient (default: 0).", valueName: "number"))
    var weightDecay: String?
    @Option(help: ArgumentHelp("The largest L2 norm of a step's gradient (default: none).", valueName: "norm"))
    var clipNorm: String?

    var fields: [PlanFlag] {
        [
            ("epochs", "local.epochs", epochs), ("steps", "local.steps", steps),
            ("batch-size", "local.batch-size", batchSize), ("learning-rate", "local.learning-rate", learningRate),
            ("schedule", "local.schedule", schedule), ("momentum", "local.momentum", momentum),
            ("weight-decay", "local.weight-decay", weightDecay), ("clip-norm", "local.clip-norm", clipNorm),
        ]
    }
}

/// Flags of simulated devices and what goes wrong on them.
struct DeviceFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Training speed in examples a second: a number, lognormal:500,0.5, uniform:…, pareto:… .",
            valueName: "distribution"))
    var speed: String?
    @Option(
        help: ArgumentHelp("Download bandwidth in Mbit/s, as a number or a distribution.", valueName: "distribution"))
    var download: String?
    @Option(help: ArgumentHelp("Upload bandwidth in Mbit/s, as a number or a distribution.", valueName: "distribution"))
    var upload: String?
    @Option(
        help: ArgumentHelp(
            "The time a message takes in milliseconds, as a number or a distribution.", valueName: "distribution"))
    var latency: String?
    @Option(help: ArgumentHelp("The probability that a client can be invited (default: 1).", valueName: "probability"))
    var availability: String?
    @Option(
        help: ArgumentHelp(
            "The probability that a client vanishes: a third each before, during and after training.",
            valueName: "probability"))
    var dropout: String?
    @Option(
        help: ArgumentHelp("The probability that a client goes silent without vanishing.", valueName: "probability"))
    var stall: String?
    @Option(help: ArgumentHelp("The probability that a client sends its update twice.", valueName: "probability"))
    var duplicate: String?
    @Option(
        help: ArgumentHelp(
            "The probability that a client sends bytes that are not an update.", valueName: "probability"))
    var garbage: String?
    @Option(
        help: ArgumentHelp("The probability that a client sends an update that contains NaN.", valueName: "probability")
    )
    var notFinite: String?
    @Flag(help: "No faults, whatever the plan file says.")
    var noFaults = false

    var fields: [PlanFlag] {
        [
            ("speed", "devices.examples-per-second", speed), ("download", "devices.download-mbit", download),
            ("upload", "devices.upload-mbit", upload), ("latency", "devices.latency-ms", latency),
            ("availability", "devices.availability", availability), ("stall", "faults.stall", stall),
            ("duplicate", "faults.duplicate", duplicate), ("garbage", "faults.garbage", garbage),
            ("not-finite", "faults.not-finite", notFinite),
        ]
    }
}

/// Flags of evaluation, stopping and checkpoints.
struct EvaluationFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Score the model on the central test set every so many rounds; 0 only after the last (default: 1).",
            valueName: "rounds"))
    var evaluateEvery: String?
    @Option(
        help: ArgumentHelp(
            "Score the model on clients' own held-out data every so many rounds; 0 only after the last (default: 0).",
            valueName: "rounds"))
    var federatedEvery: String?
    @Option(
        help: ArgumentHelp(
            "The number of clients that score the model on their data (default: 100).", valueName: "count"))
    var federatedClients: String?
    @Option(
        help: ArgumentHelp(
            "Also train without a federation, to compare with: none, local, pooled or all (default: none).",
            valueName: "which"))
    var baselines: String?
    @Option(help: ArgumentHelp("End after the first round with this test accuracy.", valueName: "accuracy"))
    var earlyStop: String?
    @Option(help: ArgumentHelp("Report the first round with this test accuracy, but go on.", valueName: "accuracy"))
    var targetAccuracy: String?
    @Option(
        help: ArgumentHelp("Store a checkpoint every so many rounds (default: every few seconds).", valueName: "rounds")
    )
    var checkpointEvery: String?
    @Option(help: ArgumentHelp("The number of checkpoints to keep (default: 2).", valueName: "count"))
    var keepCheckpoints: String?

    var fields: [PlanFlag] {
        [
            ("evaluate-every", "evaluation.every", evaluateEvery),
            ("federated-every", "evaluation.federated-every", federatedEvery),
            ("federated-clients", "evaluation.federated-clients", federatedClients),
            ("baselines", "evaluation.baselines", baselines), ("early-stop", "stop.accuracy", earlyStop),
            ("target-accuracy", "stop.target", targetAccuracy),
            ("checkpoint-every", "checkpoint.every", checkpointEvery),
            ("keep-checkpoints", "checkpoint.keep", keepCheckpoints),
        ]
    }
}
