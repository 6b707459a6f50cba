import TributaryCore
import TributaryServer

/// A file of settings: YAML, or JSON.
///
/// ```yaml
/// listen: 0.0.0.0:8470
/// state: /var/lib/tributary
/// tls:
///   certificate: /etc/tributary/server.pem
///   key: /etc/tributary/server.key
/// ```
struct SettingsFile {
    /// What it says, by path.
    private(set) var values: [String: String] = [:]
    /// Where it says it, by path: the file and the line.
    private(set) var places: [String: String] = [:]

    /// Reads a file. A key that is no setting is an error, and so is a secret, which belongs into a file of its own.
    init(_ path: String) throws {
        let sections = Set(ServerSetting.all.map(\.section)).subtracting([""])
        let form = SectionedFile.Form(kind: "settings", example: "listen: 127.0.0.1:8470", sections: sections)
        for entry in try SectionedFile(path, form, calledBy: path).entries {
            guard let setting = ServerSetting.named(entry.name) else {
                let known = ServerSetting.all.map(\.path)
                throw CommandFailure(
                    .badData,
                    "\(entry.place): unknown setting '\(entry.name)'\(Suggestion.sentence(for: entry.name, in: known))")
            }
            guard !setting.isSecret else {
                throw CommandFailure(
                    .badData,
                    "\(entry.place): \(setting.path) does not belong into a file of settings; use \(setting.path)-file or the "
                        + "variable \(setting.variable)")
            }
            values[setting.path] = entry.text
            places[setting.path] = entry.place
        }
    }
}
