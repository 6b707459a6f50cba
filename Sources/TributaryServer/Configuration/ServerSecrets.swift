import Crypto
import Foundation
import TributaryReports

/// The tokens that a server asks for: as they were given, or made on its first start.
public struct ServerSecrets: Sendable {
    /// What clients show to be let in.
    public let joinToken: Secret
    /// What operators show to be obeyed.
    public let operatorToken: Secret
    /// What scrapers of metrics show; nil for the operators' token.
    public let metricsToken: Secret?
    /// Files of tokens that this call made.
    public let createdFiles: [String]

    /// Reads the tokens. A join or operators' token that is not given is read from the state folder's `secrets`, or made
    /// there if there is none yet, readable by this user alone.
    ///
    /// - Parameter makeToken: makes a new token; 256 bits of the system's cryptographic generator unless a test says else.
    public init(
        _ settings: ServerSettings, makeToken: () -> Secret = Self.randomToken
    ) throws(SettingsError) {
        var created: [String] = []
        joinToken = try Self.token(settings.joinToken, "join", settings, makeToken, &created)
        operatorToken = try Self.token(settings.operatorToken, "operator", settings, makeToken, &created)
        let metrics = settings.metrics.token
        metricsToken =
            if let value = metrics.value { value } else if let file = metrics.file { try Self.read(file) } else { nil }
        createdFiles = created
        if joinToken == operatorToken {
            throw SettingsError("the join token and the operators' token are the same; give them different files")
        }
    }

    /// A new token: 64 hexadecimal digits.
    public static func randomToken() -> Secret {
        let key = SymmetricKey(size: .bits256)
        return Secret(key.withUnsafeBytes { $0.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() })
    }

    /// Where a server with its state in `folder` keeps the token it made of the given name (`join`, `operator`).
    public static func path(of name: String, inState folder: String) -> String {
        "\(folder)/secrets/\(name).token"
    }

    /// Reads a token: the first line of a file.
    public static func read(_ path: String) throws(SettingsError) -> Secret {
        guard let file = FileHandle(forReadingAtPath: path), let bytes = try? file.read(upToCount: 4096) else {
            throw SettingsError("\(path): the token cannot be read; check the path and its permissions")
        }
        let line = String(decoding: bytes, as: UTF8.self).prefix { !$0.isNewline }
        guard let secret = Secret(planText: line.trimmingCharacters(in: .whitespaces)) else {
            throw SettingsError("\(path): its first line is not a token; a token is \(Secret.form)")
        }
        return secret
    }

    private static func token(
        _ given: ServerSettings.Token, _ name: String, _ settings: ServerSettings, _ makeToken: () -> Secret,
        _ created: inout [String]
    ) throws(SettingsError) -> Secret {
        if let value = given.value { return value }
        if let file = given.file { return try read(file) }
        let path = path(of: name, inState: settings.state)
        if FileManager.default.fileExists(atPath: path) { return try read(path) }
        let secret = makeToken()
        try store(secret, at: path, in: settings.secretsFolder)
        created.append(path)
        return secret
    }

    /// A crash leaves no half token behind, and once people may have been told of one it is not lost with the power.
    private static func store(_ secret: Secret, at path: String, in folder: String) throws(SettingsError) {
        do throws(ReportError) {
            try FileAccess.makeFolder(folder, mode: 0o700)
        } catch {
            throw SettingsError("\(error); check the permissions of the state folder")
        }
        do throws(ReportError) {
            try FileAccess.replace(path, with: Data("\(secret.value)\n".utf8), mode: 0o600)
        } catch {
            throw SettingsError("\(error); check the permissions and space of the token's folder")
        }
    }
}
