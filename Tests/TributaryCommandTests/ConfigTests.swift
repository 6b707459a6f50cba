import Foundation
import Testing

@Suite struct ConfigTests {
    private struct Row: Decodable, Equatable {
        var value: String
        var from: String
    }

    private func read(_ outcome: Outcome) throws -> [String: Row] {
        try JSONDecoder().decode([String: Row].self, from: Data(outcome.output.utf8))
    }

    @Test func eachSourceOverridesTheNext() throws {
        let workspace = try Workspace()
        try workspace.write(
            "server.yaml",
            """
            state: from-file
            limits:
              connections: 3000
              streams: 11
            log:
              level: error
            """)
        let outcome = try workspace.shell(
            "TRIBUTARY_LIMITS_STREAMS=22 TRIBUTARY_LOG_LEVEL=debug $T config --config server.yaml --log-level trace --json"
        )
        let rows = try read(outcome)
        #expect(rows["state"] == Row(value: "from-file", from: "server.yaml:1"))
        #expect(rows["limits.streams"] == Row(value: "22", from: "TRIBUTARY_LIMITS_STREAMS"))
        #expect(rows["log.level"] == Row(value: "trace", from: "--log-level"))
        #expect(rows["shutdown.grace"] == Row(value: "20s", from: "default"))
    }

    /// What is printed can be used as the file: the same settings come out.
    @Test func whatItPrintsCanBeReadBack() throws {
        let workspace = try Workspace()
        let flags =
            "--listen [::1]:99 --state my/state --limits-update-size 2000B --pacing-check-ins-per-second 0.5 "
            + "--clients-minimum-version 1.4.0 --updates-keep all --runs-keep-rounds all --log-format json --metrics-enabled false"
        try workspace.write("again.yaml", try workspace.succeed("config \(flags)").output)
        let first = try read(workspace.succeed("config --json \(flags)")).mapValues(\.value)
        let second = try read(workspace.succeed("config --json --config again.yaml")).mapValues(\.value)
        #expect(first == second)
        #expect(first["listen"] == "[::1]:99")
    }

    @Test func theTemplateAsItIsChangesNothing() throws {
        let workspace = try Workspace()
        try workspace.write("all.yaml", try workspace.succeed("config --template").output)
        #expect(
            try read(workspace.succeed("config --json --config all.yaml")) == read(workspace.succeed("config --json")))
    }

    /// Every remark of the template that looks like a setting is one, with its default.
    @Test func theTemplateUncommentedIsTheDefaults() throws {
        let workspace = try Workspace()
        let lines = try workspace.succeed("config --template").output.split(separator: "\n").map { line in
            let isSetting = line.firstMatch(of: #/^ *# [a-z-]+: /#) != nil
            return isSetting ? String(line).replacing("# ", with: "", maxReplacements: 1) : String(line)
        }
        try workspace.write("all.yaml", lines.joined(separator: "\n"))
        let (all, defaults) = (
            try read(workspace.succeed("config --json --config all.yaml")),
            try read(workspace.succeed("config --json"))
        )
        #expect(all.mapValues(\.value) == defaults.mapValues(\.value))
        #expect(all.values.filter { $0.from == "default" }.count == 3, "only the three tokens cannot be in a file")
    }

    @Test func tokensAreNeverShown() throws {
        let workspace = try Workspace()
        let token = "s3cret-s3cret-s3cret"
        for line in ["$T config", "$T config --json", "TRIBUTARY_LISTEN=x $T config"] {
            let outcome = try workspace.shell("export TRIBUTARY_OPERATOR_TOKEN=\(token); \(line)")
            #expect(!outcome.output.contains(token) && !outcome.errors.contains(token))
        }
        let short = try workspace.shell("TRIBUTARY_JOIN_TOKEN=tiny-one $T config")
        #expect(short.status == 64 && short.errors.contains("TRIBUTARY_JOIN_TOKEN"))
        #expect(!short.errors.contains("tiny-one"))
    }

    @Test func warnsOfAVariableThatIsNone() throws {
        let outcome = try Workspace().shell("TRIBUTARY_LISEN=x $T config")
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("TRIBUTARY_LISEN") && outcome.errors.contains("TRIBUTARY_LISTEN"))
    }

    static let mistakes = [
        Mistake("config --listn 127.0.0.1:1", 64, "--listn", "--listen"),
        Mistake("config --listen 127.0.0.1", 64, "--listen", "port"),
        Mistake("config --listen 0.0.0.0:8470", 64, "TLS", "allow-plaintext"),
        Mistake("config --listen [::]:8470", 64, "TLS", "allow-plaintext"),
        Mistake("config --limits-connections", 64, "--limits-connections", "whole number"),
        Mistake("config --limits-connections 9 --limits-connections 9", 64, "twice"),
        Mistake("config --limits-connections 5", 64, "connections-per-peer"),
        Mistake("config --limits-idle-timeout 5s", 64, "idle-timeout", "poll-wait"),
        Mistake("config --limits-idle-timeout 0", 64, "--limits-idle-timeout", "1s to 1d"),
        Mistake("config --limits-header-timeout 1ms", 64, "--limits-header-timeout", "1s to 10m"),
        Mistake("config --limits-progress-timeout 2h", 64, "--limits-progress-timeout", "1s to 1h"),
        Mistake("config --limits-message-size 1KiB", 64, "--limits-message-size", "64KiB"),
        Mistake("config --pacing-poll-wait 11m", 64, "--pacing-poll-wait", "0s to 10m"),
        Mistake("config --pacing-check-ins-per-second 0", 64, "--pacing-check-ins-per-second", "0.01"),
        Mistake("config --clients-credential-lifetime 1ms", 64, "--clients-credential-lifetime", "10m to 3650d"),
        Mistake("config --clients-credential-lifetime -1h", 64, "--clients-credential-lifetime", "10m to 3650d"),
        Mistake("config --clients-credential-lifetime 1e99d", 64, "--clients-credential-lifetime", "10m to 3650d"),
        Mistake(
            "config --clients-credential-lifetime 20m --pacing-poll-wait 5m --limits-idle-timeout 10m", 64,
            "clients.credential-lifetime", "3000s"),
        Mistake("config --runs-keep-rounds 3", 64, "--runs-keep-rounds", "from 10", "all"),
        Mistake("config --runs-keep-rounds none", 64, "--runs-keep-rounds", "from 10", "all"),
        Mistake("config --shutdown-grace 2h", 64, "--shutdown-grace", "0s to 1h"),
        Mistake("config --join-token 0123456789abcdef", 64, "--join-token-file", "TRIBUTARY_JOIN_TOKEN"),
        Mistake("config --tls-certificate a.pem", 64, "tls.key"),
        Mistake("config --tls-key a.key", 64, "tls.certificate"),
        Mistake("config --tls-client-ca a.pem", 64, "tls.certificate"),
        Mistake("config --config nope.yaml", 66, "nope.yaml"),
        Mistake("config --config unknown.yaml", 65, "unknown.yaml:2", "limits.connections"),
        Mistake("config --config value.yaml", 65, "value.yaml:3", "log.level", "debug"),
        Mistake("config --config token.yaml", 65, "token.yaml:1", "join-token-file"),
        Mistake("config surprise", 64, "surprise"),
    ]

    @Test(arguments: mistakes)
    func aMistakeIsOneLineWithTheWayOut(_ mistake: Mistake) throws {
        let workspace = try Workspace()
        try workspace.write("unknown.yaml", "limits:\n  conections: 9\n")
        try workspace.write("value.yaml", "state: x\nlog:\n  level: loud\n")
        try workspace.write("token.yaml", "join-token: 0123456789abcdef\n")
        let outcome = try workspace.tributary(mistake.line)
        #expect(outcome.status == mistake.status)
        #expect(outcome.errors.split(separator: "\n").count == 1)
        for word in mistake.words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
    }
}
