import ArgumentParser

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
    @Option(
        help: ArgumentHelp(
            "What becomes of the work of a client that runs out of time: keep or drop (default: as the method has it).",
            valueName: "what"))
    var partialWork: String?

    var fields: [PlanFlag] {
        [
            ("epochs", "local.epochs", epochs), ("steps", "local.steps", steps),
            ("batch-size", "local.batch-size", batchSize), ("learning-rate", "local.learning-rate", learningRate),
            ("schedule", "local.schedule", schedule), ("momentum", "local.momentum", momentum),
            ("weight-decay", "local.weight-decay", weightDecay), ("clip-norm", "local.clip-norm", clipNorm),
            ("partial-work", "local.partial-work", partialWork),
        ]
    }
}
