import ArgumentParser

/// Flags of evaluation, stopping and checkpoints.
struct EvaluationFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Score the model on the central test set every so many rounds; 0 only after the last (default: 1).",
            valueName: "rounds"))
    var evaluateEvery: String?
    @Option(
        help: ArgumentHelp(
            "Score the model on clients' own held-out data every so many rounds; 0 only after the last, none never "
                + "(default: 0).",
            valueName: "rounds"))
    var federatedEvery: String?
    @Option(
        help: ArgumentHelp(
            "The number of clients that score the model on their data (default: 100).", valueName: "count"))
    var federatedClients: String?
    @Option(
        help: ArgumentHelp(
            "The most examples of the central test set that are scored, or none for all (default: 10000).",
            valueName: "count"))
    var testExamples: String?
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
            ("test-examples", "evaluation.test-examples", testExamples),
            ("baselines", "evaluation.baselines", baselines), ("early-stop", "stop.accuracy", earlyStop),
            ("target-accuracy", "stop.target", targetAccuracy),
            ("checkpoint-every", "checkpoint.every", checkpointEvery),
            ("keep-checkpoints", "checkpoint.keep", keepCheckpoints),
        ]
    }
}
