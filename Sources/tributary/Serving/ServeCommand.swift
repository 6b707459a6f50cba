import ArgumentParser
import TributaryServer

/// `tributary serve`
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run a coordinator: clients join it, operators start runs on it.",
        discussion: """
            Examples:
              tributary serve
              tributary serve --listen 0.0.0.0:8470 --tls-certificate server.pem --tls-key server.key
              tributary serve --config server.yaml

            Stops on SIGTERM or Ctrl-C after what was begun is done; SIGHUP reads the certificate again. Whatever kills \
            it, started again it goes on where it was. What can be set: tributary config --help.
            """)

    @OptionGroup var flags: SettingsFlags
    @Flag(help: "Do not say at the start how to reach the server.")
    var quiet = false

    mutating func run() async throws {
        let command = self
        try await reportingFailures {
            let effective = try command.flags.load(others: ["quiet"])
            try await ServerProcess(effective, isQuiet: command.quiet).run()
        }
    }
}
