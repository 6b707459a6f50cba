import Foundation
import TributaryServer

/// Settings as text.
enum SettingsText {
    /// A file of settings with where each value came from.
    static func effective(_ effective: EffectiveSettings) -> String {
        let rows = lines { setting in
            (value(of: setting, in: effective.settings), effective.origins[setting.path] ?? "default")
        }
        let width = min(60, rows.map(\.text.count).max() ?? 0)
        return rows.map { row in
            guard let note = row.note else { return row.text }
            return row.text.padding(toLength: max(width, row.text.count), withPad: " ", startingAt: 0) + "  # \(note)"
        }.joined(separator: "\n") + "\n"
    }

    /// A file of settings with every setting, its meaning and its default, all commented out.
    static var template: String {
        var result = "# The settings of a Tributary server. What is commented out has the value shown.\n"
        result +=
            "# A flag (--limits-connections 100) or a variable (TRIBUTARY_LIMITS_CONNECTIONS=100) overrides this file.\n"
        var section = ""
        for setting in ServerSetting.all {
            if setting.section != section {
                section = setting.section
                result += "\n\(section):\n"
            }
            let indent = section.isEmpty ? "" : "  "
            result += "\(indent)# \(setting.summary) Form: \(setting.form).\n"
            result +=
                setting.isSecret
                ? "\(indent)# Only by the variable \(setting.variable).\n"
                : "\(indent)# \(setting.key): \(YAMLText.quoted(setting.defaultText))\n"
        }
        return result
    }

    /// One JSON object: path → value and where it is from.
    static func json(_ effective: EffectiveSettings) throws -> String {
        let rows = ServerSetting.all.map { setting in
            (
                setting.path,
                ["value": setting.text(in: effective.settings), "from": effective.origins[setting.path] ?? "default"]
            )
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(Dictionary(uniqueKeysWithValues: rows)), as: UTF8.self) + "\n"
    }

    private static func lines(
        _ show: (ServerSetting) -> (value: String, note: String)
    ) -> [(text: String, note: String?)] {
        var result: [(text: String, note: String?)] = []
        var section = ""
        for setting in ServerSetting.all {
            if setting.section != section {
                section = setting.section
                result.append(("\(section):", nil))
            }
            let (value, note) = show(setting)
            // What the file must not say stands there as a remark.
            let mark = setting.isSecret ? "# " : ""
            result.append(("\(section.isEmpty ? "" : "  ")\(mark)\(setting.key): \(value)", note))
        }
        return result
    }

    private static func value(of setting: ServerSetting, in settings: ServerSettings) -> String {
        let text = setting.text(in: settings)
        return setting.isSecret ? text : YAMLText.quoted(text)
    }
}
