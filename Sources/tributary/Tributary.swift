import ArgumentParser

/// The command line. Each command is thin: it reads what the person said, calls a library, and prints.
@main
struct Tributary: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tributary",
        abstract: "Federated learning: simulate a federation, look at its report.",
        discussion: """
            A first run:
              tributary simulate --dataset fashion-mnist --model mlp:200,200 --clients 100 --rounds 20 --output runs/first

            Exit codes: 0 done, 64 wrong usage, 65 bad data, 66 missing input, 70 a fault of ours, 74 reading or
            writing failed, 130 interrupted (the state is saved and the run can be resumed).
            """,
        version: ToolVersion.text,
        subcommands: [
            SimulateCommand.self, EvaluateCommand.self, ReportCommand.self, DatasetsCommand.self, PlanCommand.self,
        ])
}

/// The version that records and `--version` name.
enum ToolVersion {
    static let text = "0.1.0"
}
