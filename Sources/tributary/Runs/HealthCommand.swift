import ArgumentParser
import TributaryClient
import TributaryCore
import TributaryWire

/// `tributary health`
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask a server whether it takes calls; needs no token.",
        discussion: "Ends with 0 if it does, else with 69. For monitoring without certificates there is GET /healthz.")

    @OptionGroup(title: "Server") var server: ServerFlags
    @Flag(help: "Print JSON.")
    var json = false

    mutating func run() async throws {
        let command = self
        try await reportingFailures {
            let answer = try await OperatorClient.with(command.server.settings, token: nil) {
                try await $0.call(.checkHealth, WireHealthCheckRequest())
            }
            if command.json {
                Console.text(try RunText.json(answer))
            } else {
                let name = command.server.settings.server
                Console.line(
                    plain("\(name): \(answer.isReady ? "ready" : "not ready"), version \(answer.serverVersion)"))
            }
            if !answer.isReady { throw ExitCode(CommandFailure.Code.unavailable.rawValue) }
        }
    }
}
