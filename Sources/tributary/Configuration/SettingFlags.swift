import Foundation
import TributaryCore
import TributaryServer

/// The flags of a server's settings, read from the words of a command line by the table of settings.
struct SettingFlags {
    /// The values that were given, by path.
    private(set) var values: [String: String] = [:]

    /// Reads `--flag value` and `--flag=value`; a switch needs no value. `others` are the command's other flags, which a
    /// mistyped word may have meant.
    init(_ words: [String], others: [String]) throws {
        var rest = words[...]
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else {
                throw CommandFailure(
                    .usage, "unexpected argument '\(word)'; settings look like --listen 127.0.0.1:8470")
            }
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            let setting = try Self.setting(name, others: others)
            var value = parts.count > 1 ? String(parts[1]) : nil
            if value == nil, let next = rest.first, !next.hasPrefix("--") { value = rest.popFirst() }
            if value == nil, setting.form == "true or false" { value = "true" }
            guard let value else { throw CommandFailure(.usage, "--\(name) needs a value: \(setting.form)") }
            guard values.updateValue(value, forKey: setting.path) == nil else {
                throw CommandFailure(.usage, "--\(name) is given twice; leave one of them out")
            }
        }
    }

    private static func setting(_ name: String, others: [String]) throws -> ServerSetting {
        if let setting = ServerSetting.all.first(where: { $0.flag == name || $0.path == name && !$0.isSecret }) {
            return setting
        }
        if let secret = ServerSetting.all.first(where: { $0.path.replacing(".", with: "-") == name }) {
            throw CommandFailure(
                .usage,
                "--\(name): a token on the command line is seen by everybody on this machine; use --\(name)-file or the "
                    + "variable \(secret.variable)")
        }
        let known = ServerSetting.all.compactMap(\.flag) + others
        let hint = Suggestion.nearest(to: name, in: known).map { "; did you mean '--\($0)'?" }
        throw CommandFailure(.usage, "unknown option '--\(name)'\(hint ?? "; see: tributary config --template")")
    }

    /// Help for every flag: its name, and under it what it means.
    static var help: String {
        ServerSetting.all.compactMap { setting in
            setting.flag.map { "  --\($0)\n      \(setting.summary) (default: \(setting.defaultText))" }
        }.joined(separator: "\n")
    }
}
