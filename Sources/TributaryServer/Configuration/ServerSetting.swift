import TributaryCore

/// One setting of a server as text: its path, its meaning, and how it is read and written.
///
/// The table ``all`` is the schema of settings. The file's keys, the environment's variables, the flags, the output of
/// `tributary config` and the documentation are made from it, so that they cannot disagree.
public struct ServerSetting: Sendable {
    /// Where the setting stands in a file: `section.key`, or `key` at the top level.
    public let path: String
    /// What a value looks like.
    public let form: String
    /// What it means.
    public let summary: String
    /// Whether the value must not be shown, nor be given by a flag or in a file that others may read.
    public let isSecret: Bool
    private let read: @Sendable (ServerSettings) -> String
    private let write: @Sendable (inout ServerSettings, String) throws(PlanValueError) -> Void

    /// The setting's value; `<redacted>` for a secret, `none` for what is not set.
    public func text(in settings: ServerSettings) -> String { read(settings) }

    /// Sets the value from text. Errors call the setting `name`, if it was given by another name than its path.
    ///
    /// - Throws: `SettingsError` that says what the value must be. A secret is not repeated.
    public func set(
        _ text: String, in settings: inout ServerSettings, calledBy name: String? = nil
    ) throws(SettingsError) {
        do throws(PlanValueError) {
            try write(&settings, text)
        } catch {
            let given = isSecret ? "not usable" : "'\(text)'"
            throw SettingsError("\(name ?? path) is \(given); it must be \(error.requirement)")
        }
    }

    /// The value where nobody says anything.
    public var defaultText: String { read(ServerSettings()) }

    /// The section that the setting stands in; empty for the top level.
    public var section: String { path.contains(".") ? String(path.prefix { $0 != "." }) : "" }
    /// The setting's name in its section.
    public var key: String { path.contains(".") ? String(path.drop { $0 != "." }.dropFirst()) : path }

    /// The flag that sets it, without the leading hyphens; nil for a secret.
    public var flag: String? { isSecret ? nil : path.replacing(".", with: "-") }

    /// The environment variable that sets it.
    public var variable: String {
        "TRIBUTARY_" + path.uppercased().replacing(".", with: "_").replacing("-", with: "_")
    }

    init<Value: PlanValue>(
        _ path: String, _ keyPath: any WritableKeyPath<ServerSettings, Value> & Sendable, _ summary: String,
        must requirement: String? = nil, isSecret: Bool = false,
        where isAllowed: @escaping @Sendable (Value) -> Bool = { _ in true }
    ) {
        self.path = path
        self.summary = summary
        self.isSecret = isSecret
        let form = requirement ?? Value.form
        self.form = form
        read = { $0[keyPath: keyPath].planText }
        write = { settings, text throws(PlanValueError) in
            guard let value = Value(planText: text), isAllowed(value) else {
                throw PlanValueError(requirement: form)
            }
            settings[keyPath: keyPath] = value
        }
    }

    /// The setting at `path`, if there is one.
    public static func named(_ path: String) -> ServerSetting? { byPath[path] }

    private static let byPath = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })
}

/// What is wrong with a server's settings, in one line that names the setting and the way out.
public struct SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line.
    public var description: String

    /// An error that says `description`.
    public init(_ description: String) {
        self.description = description
    }
}
