extension ServerSetting {
    /// Every setting, in the order in which a file would say them.
    public static let all: [ServerSetting] =
        topSettings + tlsSettings + limitSettings + pacingSettings + processSettings

    private static let topSettings = [
        ServerSetting("listen", \.listen, "Where the server listens."),
        ServerSetting(
            "allow-plaintext", \.allowsPlaintext,
            "Serve plain HTTP to other machines, for example behind a proxy that does TLS."),
        ServerSetting("state", \.state, "The folder of all durable state.", must: "the path of a folder") {
            !$0.isEmpty
        },
        ServerSetting("reports", \.reports, "The folder of the runs' reports; none is runs/ in the state folder."),
        secret("join-token", \.joinToken.value, "What clients show to be let in."),
        file("join-token-file", \.joinToken.file, "The file of the join token; none makes one in the state folder."),
        secret("operator-token", \.operatorToken.value, "What operators show to be obeyed."),
        file(
            "operator-token-file", \.operatorToken.file,
            "The file of the operators' token; none makes one in the state folder."),
    ]

    private static let tlsSettings = [
        file(
            "tls.certificate", \.tls.certificate,
            "The server's certificate and those that vouch for it (PEM); none serves plain HTTP."),
        file("tls.key", \.tls.key, "The certificate's private key (PEM)."),
        file(
            "tls.client-ca", \.tls.clientAuthority,
            "The authority that clients' certificates must come from (PEM); none asks clients for no certificate."),
    ]

    private static let limitSettings = [
        ServerSetting(
            "limits.message-size", \.limits.messageSize, "The longest message of a call.",
            must: "a size from 64KiB to 256MiB"
        ) { $0 >= ByteCount(64 << 10) && $0 <= ByteCount(256 << 20) },
        ServerSetting(
            "limits.header-size", \.limits.headerSize, "The longest headers of a request.",
            must: "a size from 2KiB to 1MiB"
        ) { $0 >= ByteCount(2 << 10) && $0 <= ByteCount(1 << 20) },
        ServerSetting(
            "limits.update-size", \.limits.updateSize, "The longest update or model.",
            must: "a size from 1KiB to 64GiB"
        ) { $0 >= ByteCount(1 << 10) && $0 <= ByteCount(64 << 30) },
        count("limits.connections", \.limits.connections, "Open connections.", atMost: 1_000_000),
        count(
            "limits.connections-per-peer", \.limits.connectionsPerPeer, "Open connections of one address.",
            atMost: 1_000_000),
        count("limits.streams", \.limits.streams, "Requests at once on an HTTP/2 connection.", atMost: 100_000),
        time(
            "limits.idle-timeout", \.limits.idleTimeout, "How long a connection may stay open without a request.",
            from: .seconds(1), to: .seconds(86_400)),
        time(
            "limits.header-timeout", \.limits.headerTimeout,
            "How long a request's headers may take, and the handshake of TLS or HTTP/2 before the first.",
            from: .seconds(1), to: .seconds(600)),
        time(
            "limits.progress-timeout", \.limits.progressTimeout,
            "How long a body may stand still; a slow transfer goes on, a stopped one is given up.", from: .seconds(1),
            to: .seconds(3600)),
    ]

    private static let pacingSettings = [
        time(
            "pacing.poll-wait", \.pacing.pollWait, "The longest that a poll without a task is held.", from: .zero,
            to: .seconds(600)),
        count(
            "pacing.waiting-polls", \.pacing.waitingPolls,
            "Polls that are held at once; those beyond are told when to come back.", atMost: 10_000_000),
        ServerSetting(
            "pacing.check-ins-per-second", \.pacing.checkIns, "The rate that clients' retry windows aim at.",
            must: "a number from 0.01 to 1000000"
        ) { $0 >= 0.01 && $0 <= 1e6 },
        time(
            "clients.credential-lifetime", \.clients.credentialLifetime,
            "How long a client's credential is good without being renewed.", from: .seconds(600),
            to: .seconds(3650 * 86_400)),
        ServerSetting(
            "clients.minimum-version", \.clients.minimumVersion, "The oldest client software that is let in."),
        ServerSetting(
            "updates.keep", \.updates.keep,
            "Which updates stay on disk once their round has committed; all lets every model be computed again."),
        ServerSetting(
            "runs.keep-rounds", \.runs.keepRounds,
            "The newest rounds of a run of which the ledger keeps who was invited and what was accepted; where updates.keep is "
                + "all, it does so of every round. Summaries of rounds are always kept."),
    ]

    private static let processSettings = [
        ServerSetting("log.level", \.log.level, "The least serious level that is logged."),
        ServerSetting("log.format", \.log.format, "Lines for people, or a JSON object a line."),
        ServerSetting("metrics.enabled", \.metrics.isEnabled, "Serve figures for Prometheus at /metrics."),
        secret(
            "metrics.token", \.metrics.token.value,
            "What a scraper shows as its bearer token; none asks for the operators' token."),
        file("metrics.token-file", \.metrics.token.file, "The file of the scrapers' token."),
        time(
            "shutdown.grace", \.shutdown.grace, "How long open requests may go on after the request to end.",
            from: .zero,
            to: .seconds(3600)),
    ]

    private typealias Field<Value> = any WritableKeyPath<ServerSettings, Value> & Sendable

    private static func secret(_ path: String, _ field: Field<Secret?>, _ summary: String) -> ServerSetting {
        ServerSetting(path, field, summary, isSecret: true)
    }

    private static func file(_ path: String, _ field: Field<String?>, _ summary: String) -> ServerSetting {
        ServerSetting(path, field, summary, must: "the path of a file, or none")
    }

    private static func count(
        _ path: String, _ field: Field<Int>, _ summary: String, atMost limit: Int
    ) -> ServerSetting {
        ServerSetting(path, field, summary, must: "a whole number from 1 to \(limit)") { $0 >= 1 && $0 <= limit }
    }

    private static func time(
        _ path: String, _ field: Field<Duration>, _ summary: String, from least: Duration, to longest: Duration
    ) -> ServerSetting {
        ServerSetting(path, field, summary, must: "a time from \(unit(least)) to \(unit(longest))") {
            $0 >= least && $0 <= longest
        }
    }

    /// A whole number of the largest unit that divides the time.
    private static func unit(_ time: Duration) -> String {
        let seconds = time.components.seconds
        let units: [(suffix: String, seconds: Int64)] = [("d", 86_400), ("h", 3600), ("m", 60)]
        let unit = units.first { seconds > 0 && seconds % $0.seconds == 0 } ?? ("s", 1)
        return "\(seconds / unit.seconds)\(unit.suffix)"
    }
}
