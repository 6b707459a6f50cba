import TributaryServer

/// What an operator sees as a server starts: how to reach it, what to give to clients, and where things are. Tokens are
/// named by their files, never shown.
struct StartBanner {
    private let settings: ServerSettings
    private let secrets: ServerSecrets
    private let warnings: [String]

    init(_ effective: EffectiveSettings, _ secrets: ServerSecrets) {
        (settings, warnings) = (effective.settings, effective.warnings)
        self.secrets = secrets
    }

    /// The lines, for a server that listens at `address` (the port may have been chosen by the system).
    func lines(address: ListenAddress) -> [String] {
        var bound = settings
        bound.listen = address
        let transport =
            settings.tls.certificate == nil
            ? "plain HTTP" : settings.tls.clientAuthority == nil ? "TLS" : "TLS with clients' certificates"
        var lines = warnings.map { "warning: \($0)" }
        lines += [
            "tributary \(ToolVersion.text) serves \(bound.url) (\(transport))",
            "  state      \(settings.state)",
            "  reports    \(settings.reportsFolder)",
            "  join       clients show \(source(of: settings.joinToken, "join"))",
            "  operators  show \(source(of: settings.operatorToken, "operator"))",
        ]
        if settings.metrics.isEnabled { lines.append("  metrics    \(bound.url)/metrics") }
        if settings.allowsPlaintext, settings.tls.certificate == nil, !settings.listen.isLoopback {
            lines.append("warning: tokens and models cross the network unencrypted, as allow-plaintext asks")
        }
        return lines
    }

    private func source(of token: ServerSettings.Token, _ name: String) -> String {
        if token.value != nil { return "the token that this server's environment holds" }
        if let file = token.file { return "the token in \(file)" }
        let path = ServerSecrets.path(of: name, inState: settings.state)
        return "the token in \(path)" + (secrets.createdFiles.contains(path) ? " (just made)" : "")
    }
}
