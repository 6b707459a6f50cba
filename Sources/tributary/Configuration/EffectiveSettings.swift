import Configuration
import Foundation
import Synchronization
import TributaryCore
import TributaryServer

/// A server's settings as flags, the environment, a file and the defaults make them together, each from the first of
/// these that says something.
struct EffectiveSettings {
    /// The settings.
    private(set) var settings = ServerSettings()
    /// Where each setting that is not at its default was said, by path.
    private(set) var origins: [String: String] = [:]
    /// What is odd, but no reason to stop: one line each.
    private(set) var warnings: [String]

    /// The variable that names the file of settings.
    static let fileVariable = "TRIBUTARY_CONFIG"

    /// Variables that mean something to other commands.
    private static let otherVariables = [
        fileVariable, "TRIBUTARY_SERVER", "TRIBUTARY_CA", "TRIBUTARY_CLIENT_STATE",
    ]

    /// Reads and checks the settings.
    init(flags: SettingFlags, file: String?, environment: [String: String]) throws {
        // A variable that is set to nothing is how many a container says "not set".
        let variables = environment.filter { !$0.value.isEmpty }
        let file = try (file ?? variables[Self.fileVariable]).map { try SettingsFile($0) }
        warnings = Self.unknownVariables(in: variables)
        let reporter = OriginReporter()
        let reader = ConfigReader(
            providers: [
                InMemoryProvider(name: Source.flag, values: Self.values(flags.values)) as any ConfigProvider,
                EnvironmentVariablesProvider(environmentVariables: variables).prefixKeys(with: "tributary"),
                InMemoryProvider(name: Source.file, values: Self.values(file?.values ?? [:])),
            ], accessReporter: reporter)
        for setting in ServerSetting.all {
            let key = ConfigKey(setting.path)
            guard let text = reader.string(forKey: key, isSecret: setting.isSecret) else { continue }
            try set(setting, to: text, from: reporter.source, in: file)
        }
        do {
            try settings.check()
        } catch {
            throw CommandFailure(.usage, "\(error)")
        }
    }

    private enum Source {
        static let flag = "flag"
        static let file = "file"
    }

    private mutating func set(
        _ setting: ServerSetting, to text: String, from source: String?, in file: SettingsFile?
    ) throws {
        let (origin, name, code): (String, String, CommandFailure.Code) =
            switch source {
            case Source.flag: ("--\(setting.flag ?? setting.path)", "--\(setting.flag ?? setting.path)", .usage)
            case Source.file:
                (file?.places[setting.path] ?? "", "\(file?.places[setting.path] ?? ""): \(setting.path)", .badData)
            default: (setting.variable, setting.variable, .usage)
            }
        origins[setting.path] = origin
        do {
            try setting.set(text, in: &settings, calledBy: name)
        } catch {
            throw CommandFailure(code, error.description)
        }
    }

    private static func values(_ texts: [String: String]) -> [AbsoluteConfigKey: ConfigValue] {
        let pairs = texts.map { path, text in
            let isSecret = ServerSetting.named(path)?.isSecret ?? false
            return (AbsoluteConfigKey(ConfigKey(path)), ConfigValue(.string(text), isSecret: isSecret))
        }
        return Dictionary(pairs) { first, _ in first }
    }

    private static func unknownVariables(in variables: [String: String]) -> [String] {
        let known = ServerSetting.all.map(\.variable) + otherVariables
        return variables.keys.filter { $0.hasPrefix("TRIBUTARY_") && !known.contains($0) }.sorted().map {
            "the environment's \($0) means nothing to a server\(Suggestion.sentence(for: $0, in: known))"
        }
    }
}

/// Remembers which provider had the value that was read last.
private final class OriginReporter: AccessReporter {
    private let last = Mutex<String?>(nil)

    /// The provider's name.
    var source: String? { last.withLock { $0 } }

    func report(_ event: AccessEvent) {
        let provider = event.providerResults.first { (try? $0.result.get())?.value != nil }
        // Named providers add their name to that of their kind: InMemoryProvider[flag].
        let name = provider?.providerName.split { "[]".contains($0) }.last.map(String.init)
        last.withLock { $0 = name }
    }
}
