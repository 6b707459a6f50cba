import ArgumentParser

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
    @Option(
        help: ArgumentHelp(
            "The federated algorithm, as tributary algorithms lists them (default: fedavg).", valueName: "name"))
    var algorithm: String?
    @Option(
        help: ArgumentHelp(
            "How a round's clients are drawn: uniform, poisson, all, proportional, power-of-choice or oort, as "
                + "in power-of-choice:candidates=30 (default: uniform).", valueName: "how"))
    var selection: String?
    @Option(help: ArgumentHelp("The most rounds that a client is invited to.", valueName: "count"))
    var participationCap: String?
    @Option(
        help: ArgumentHelp(
            "A client is invited at most once every so many rounds.", valueName: "rounds"))
    var participationGap: String?
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
    @Option(
        help: ArgumentHelp(
            "What is done beside averaging where clients' data differ: plain, prox, nova, scaffold, dyn, qfedavg, qfedsgd "
                + "or afl, as in prox:mu=0.1 (default: the algorithm's own).", valueName: "part"))
    var method: String?
    @Option(
        help: ArgumentHelp(
            "What makes the next model of the mean update: sgd, momentum, adagrad, adam or yogi, as in adam:tau=0.01 "
                + "(default: the algorithm's own).", valueName: "part"))
    var serverOptimiser: String?
    @Option(
        help: ArgumentHelp(
            "What makes one update of a round's: mean, or a rule that stands bad clients: median, trimmed-mean, krum, "
                + "multi-krum, bulyan, geometric-median, norm-bounding or centred-clipping, as in trimmed-mean:adversaries=0.1 "
                + "(default: mean).", valueName: "part"))
    var aggregation: String?
    @Option(
        help: ArgumentHelp(
            "How clients come to models of their own: fine-tuning, ditto, fedper, fedrep or apfl, as in ditto:lambda=0.5 or "
                + "fedper:head=1 (default: none). In simulation it needs --holdout-test.", valueName: "part"))
    var personalisation: String?
    @Option(
        help: ArgumentHelp(
            "When the model moves: synchronous, buffered or mixing, as in buffered:goal=10 (default: the "
                + "algorithm's own, else synchronous).", valueName: "part"))
    var pacing: String?
    @Option(
        help: ArgumentHelp(
            "In simulation: how updates are written on their way, as qsgd:4, eden:2 or topk:0.05 (default: f32).",
            valueName: "encoding"))
    var encoding: String?
    @Option(
        help: ArgumentHelp(
            "Whether clients add to an update what their earlier ones left out (default: with encodings that need it).",
            valueName: "true|false"))
    var errorFeedback: String?
    @Option(
        help: ArgumentHelp(
            "How clients get the model: full, or delta, its difference to the last that they had (default: full).",
            valueName: "how"))
    var modelDownload: String?
    @Option(
        help: ArgumentHelp(
            "How noise hides what one client can have moved: sampled, tree or local, as in "
                + "sampled:clip=0.5,noise=1 (default: none).", valueName: "part"))
    var privacy: String?
    @Option(
        help: ArgumentHelp(
            "The largest ε of a client: the run ends before it is exceeded (default: none).", valueName: "ε"))
    var epsilon: String?
    @Option(help: ArgumentHelp("δ at which ε is counted (default: 1 / N^1.1 for N clients).", valueName: "δ"))
    var delta: String?
    @Option(
        help: ArgumentHelp(
            "Over a network, with sampled noise: the number of clients that a round's are drawn of, one by one "
                + "(default: none).", valueName: "count"))
    var population: String?
    @Option(
        help: ArgumentHelp(
            "The server's learning rate (default: the optimiser's own; with sgd 1, model averaging).",
            valueName: "rate"))
    var serverLearningRate: String?
    @Option(
        help: ArgumentHelp(
            "How the server's learning rate changes over rounds, as --schedule says it (default: constant).",
            valueName: "schedule"))
    var serverSchedule: String?
    @Option(
        help: ArgumentHelp(
            "The weight of an update: examples or uniform (default: the method's own, else examples).",
            valueName: "how"))
    var weighting: String?
    @Option(help: ArgumentHelp("The largest magnitude of a coordinate of an update (default: 8).", valueName: "number"))
    var updateBound: String?

    var fields: [PlanFlag] {
        [
            ("name", "name", name), ("seed", "seed", seed), ("rounds", "rounds", rounds), ("model", "model", model),
            ("algorithm", "algorithm", algorithm), ("selection", "cohort.selection", selection),
            ("participation-cap", "cohort.participation-cap", participationCap),
            ("participation-gap", "cohort.participation-gap", participationGap),
            ("fraction", "cohort.fraction", fraction), ("clients-per-round", "cohort.count", clientsPerRound),
            ("over-selection", "cohort.over-selection", overSelection), ("quorum", "cohort.quorum", quorum),
            ("deadline", "cohort.deadline", deadline), ("lease", "cohort.lease", lease),
            ("method", "strategy.method", method), ("server-optimiser", "strategy.optimiser", serverOptimiser),
            ("personalisation", "strategy.personalisation", personalisation),
            ("pacing", "strategy.pacing", pacing), ("aggregation", "strategy.aggregation", aggregation),
            ("encoding", "strategy.encoding", encoding),
            ("error-feedback", "strategy.error-feedback", errorFeedback),
            ("model-download", "strategy.download", modelDownload),
            ("privacy", "privacy.mechanism", privacy), ("epsilon", "privacy.epsilon", epsilon),
            ("delta", "privacy.delta", delta), ("population", "privacy.population", population),
            ("server-learning-rate", "server.learning-rate", serverLearningRate),
            ("server-schedule", "server.schedule", serverSchedule),
            ("weighting", "server.weighting", weighting), ("update-bound", "server.update-bound", updateBound),
        ]
    }
}
