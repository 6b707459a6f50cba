import ArgumentParser
import Foundation
import TributaryCore

/// The command line. Each command is thin: it reads what the person said, calls a library, and prints.
@main
struct Tributary: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tributary",
        abstract: "Federated learning: simulate a federation, or take part in one.",
        discussion: """
            A first run:
              tributary simulate --dataset fashion-mnist --output runs/first

            Exit codes: 0 done, 64 wrong usage, 65 bad data, 66 missing input, 69 no server, 70 a fault of ours, 74 reading
            or writing failed, 77 not allowed, 130 interrupted (the state is saved and work can go on).
            """,
        version: ToolVersion.text,
        subcommands: [
            SimulateCommand.self, SweepCommand.self, EvaluateCommand.self, ReportCommand.self, DatasetsCommand.self,
            PlanCommand.self, AlgorithmsCommand.self, EncodingsCommand.self, PrivacyCommand.self, ServeCommand.self,
            JoinCommand.self,
            FleetCommand.self, RunCommand.self, HealthCommand.self, ConfigCommand.self, CertsCommand.self,
            TortureCommand.self,
        ])

    /// Runs the command that the arguments name. Whatever goes wrong is one line on standard error.
    static func main() async {
        Console.prepare()
        do {
            let arguments = Arguments(Array(CommandLine.arguments.dropFirst()))
            try arguments.checkCommands(of: Self.self)
            var command = try await asyncParseAsRoot(arguments.words)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
        end(with: nil)
    }

    /// Ends the process, with the failure to write what was printed if there is no other.
    private static func end(with error: (any Error)?) -> Never {
        if let error {
            let failure = error as? CommandFailure
            if let code = failure?.code.rawValue ?? usageCode(of: error) {
                Console.failure(failure?.message ?? message(for: error))
                exit(withError: ExitCode(code))
            }
            if error is ExitCode { exit(withError: error) }
            // Help and the version come as errors, too.
            Console.line(fullMessage(for: error))
        }
        if let reason = Console.outputFailure {
            Console.failure("standard output: cannot be written: \(reason)")
            exit(withError: ExitCode(CommandFailure.Code.inputOutput.rawValue))
        }
        exit(withError: error.map { exitCode(for: $0) } ?? ExitCode.success)
    }

    private static func usageCode(of error: any Error) -> Int32? {
        error is ExitCode || exitCode(for: error) == .success ? nil : CommandFailure.Code.usage.rawValue
    }
}

/// The version that records and `--version` name.
enum ToolVersion {
    static let text = "0.1.0"
}
