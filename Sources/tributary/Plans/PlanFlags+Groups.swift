import ArgumentParser

/// Flags of the data and its partition.
struct DataFlags: ParsableArguments {
    @Option(help: "A named data set (see: tributary datasets list), csv, text, or the path of a CSV file.")
    var dataset: String?
    @Option(help: "The folder with the data set's files.")
    var dataDir: String?
    @Option(name: [.long, .customLong("train")], help: "For csv and text: the file to train on.")
    var file: String?
    @Option(name: [.long, .customLong("test")], help: "For csv and text: the file of the central test set.")
    var testFile: String?
    @Option(help: "For csv: the label's column by name or number from 1 (default: the last).")
    var label: String?
    @Option(help: "For csv: the column that names the client each row belongs to.")
    var clientColumn: String?
    @Option(help: "For csv: auto, classes or regression.")
    var task: String?
    @Option(help: "For csv: what becomes of rows with missing values: impute or drop.")
    var missing: String?
    @Flag(help: "Accept files whose content is not the published one.")
    var noVerify = false
    @Option(help: "Registered clients (default: as many as the data has by nature, else 100).")
    var clients: String?
    @Option(
        help: """
            How examples are dealt out: iid, shards:2, dirichlet:0.1, dirichlet-labels:0.1, label-quantity:2, \
            power-law:1.5, natural, resample:20 (default: natural where the data has clients, else iid).
            """)
    var partition: String?
    @Option(help: "The share of each client's examples held out for validation.")
    var holdoutValidation: String?
    @Option(help: "The share of each client's examples held out for federated evaluation.")
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
    @Option(help: "The run's title in reports.")
    var name: String?
    @Option(help: "The seed of every random choice (default: 1).")
    var seed: String?
    @Option(help: "Rounds to run (default: 20).")
    var rounds: String?
    @Option(help: "The model: softmax, linear, mlp:200,200, cnn, lstm … (default: one that fits the data).")
    var model: String?
    @Option(help: "The federated algorithm: fedavg or fedsgd (default: fedavg).")
    var algorithm: String?
    @Option(help: "How a round's clients are drawn: uniform, poisson or all (default: uniform).")
    var selection: String?
    @Option(help: "The share of the clients that a round wants (default: 0.1).")
    var fraction: String?
    @Option(name: [.long, .customLong("cohort")], help: "The number of clients that a round wants, instead of a share.")
    var clientsPerRound: String?
    @Option(help: "Invite this many times the wanted clients and close when enough have reported (default: 1).")
    var overSelection: String?
    @Option(help: "The fewest contributions that let a round commit, as a number or a share (default: 50%).")
    var quorum: String?
    @Option(help: "The longest a round stays open in virtual time (default: 600s).")
    var deadline: String?
    @Option(help: "How long a client may stay silent before a round stops waiting for it (default: 60s).")
    var lease: String?
    @Option(help: "The server's learning rate (default: 1, model averaging).")
    var serverLearningRate: String?
    @Option(help: "The weight of an update: examples or uniform (default: examples).")
    var weighting: String?
    @Option(help: "The largest magnitude of a coordinate of an update (default: 8).")
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
    @Option(help: "Passes over a client's data in a round (default: 1).")
    var epochs: String?
    @Option(help: "Mini-batch steps in a round, instead of epochs.")
    var steps: String?
    @Option(help: "Examples a step, or full (default: 10).")
    var batchSize: String?
    @Option(help: "The clients' learning rate in the first round (default: 0.1).")
    var learningRate: String?
    @Option(help: "constant, step:ROUNDS,FACTOR, exponential:FACTOR, cosine, cosine:FLOOR or warmup:ROUNDS.")
    var schedule: String?
    @Option(help: "Heavy-ball momentum, reset each round (default: 0).")
    var momentum: String?
    @Option(help: "The L2 penalty added to every gradient (default: 0).")
    var weightDecay: String?
    @Option(help: "The largest L2 norm of a step's gradient (default: none).")
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
    @Option(help: "Training speed in examples a second: a number, lognormal:500,0.5, uniform:…, pareto:… .")
    var speed: String?
    @Option(help: "Download bandwidth in Mbit/s, as a number or a distribution.")
    var download: String?
    @Option(help: "Upload bandwidth in Mbit/s, as a number or a distribution.")
    var upload: String?
    @Option(help: "The time a message takes in milliseconds, as a number or a distribution.")
    var latency: String?
    @Option(help: "The probability that a client can be invited (default: 1).")
    var availability: String?
    @Option(help: "The probability that a client vanishes: a third each before, during and after training.")
    var dropout: String?
    @Option(help: "The probability that a client goes silent without vanishing.")
    var stall: String?
    @Option(help: "The probability that a client sends its update twice.")
    var duplicate: String?
    @Option(help: "The probability that a client sends bytes that are not an update.")
    var garbage: String?
    @Option(help: "The probability that a client sends an update that contains NaN.")
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
    @Option(help: "Score the model on the central test set every so many rounds; 0 only after the last (default: 1).")
    var evaluateEvery: String?
    @Option(help: "Score the model on clients' own held-out data every so many rounds; 0 only after the last (default: 0).")
    var federatedEvery: String?
    @Option(help: "The number of clients that score the model on their data (default: 100).")
    var federatedClients: String?
    @Option(help: "Also train without a federation, to compare with: none, local, pooled or all (default: none).")
    var baselines: String?
    @Option(help: "End after the first round with this test accuracy.")
    var earlyStop: String?
    @Option(help: "Report the first round with this test accuracy, but go on.")
    var targetAccuracy: String?
    @Option(help: "Store a checkpoint every so many rounds (default: every few seconds).")
    var checkpointEvery: String?
    @Option(help: "The number of checkpoints to keep (default: 2).")
    var keepCheckpoints: String?

    var fields: [PlanFlag] {
        [
            ("evaluate-every", "evaluation.every", evaluateEvery),
            ("federated-every", "evaluation.federated-every", federatedEvery),
            ("federated-clients", "evaluation.federated-clients", federatedClients),
            ("baselines", "evaluation.baselines", baselines), ("early-stop", "stop.accuracy", earlyStop),
            ("target-accuracy", "stop.target", targetAccuracy), ("checkpoint-every", "checkpoint.every", checkpointEvery),
            ("keep-checkpoints", "checkpoint.keep", keepCheckpoints),
        ]
    }
}
