import ArgumentParser
import Foundation
import TributaryServer

/// Where a server's settings are said: a file, and flags.
struct SettingsFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file of settings (YAML or JSON; else the one that TRIBUTARY_CONFIG names).", valueName: "file"))
    var config: String?
    @Argument(
        parsing: .allUnrecognized,
        help: ArgumentHelp("Any setting by its flag, as in --listen 0.0.0.0:8470.", valueName: "--setting value"))
    var settings: [String] = []

    /// Reads and checks the settings. `others` are the command's other flags.
    func load(others: [String] = []) throws -> EffectiveSettings {
        try EffectiveSettings(
            flags: SettingFlags(settings, others: ["config"] + others), file: config,
            environment: ProcessInfo.processInfo.environment)
    }
}

/// `tributary config`
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Print a server's settings and where each of them was said.",
        discussion: """
            Examples:
              tributary config --template > server.yaml
              tributary config --config server.yaml --listen 0.0.0.0:8470

            A flag counts before the environment (TRIBUTARY_LISTEN), that before the file, and that before the default. \
            Tokens are shown as <redacted>.

            Settings:
            \(SettingFlags.help)
            """)

    @OptionGroup var flags: SettingsFlags
    @Flag(help: "Print a file with every setting, its meaning and its default.")
    var template = false
    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func run() async throws {
        let command = self
        try await reportingFailures { try command.show() }
    }

    private func show() throws {
        if template { return Console.text(SettingsText.template) }
        let effective = try flags.load(others: ["template", "json"])
        for warning in effective.warnings { Console.error("warning: \(warning)") }
        Console.text(json ? try SettingsText.json(effective) : SettingsText.effective(effective))
    }
}
