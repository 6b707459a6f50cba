/// Where and how a server listens, and what it puts up with.
package struct HTTPSettings: Hashable, Sendable {
    /// The address or host name to listen on.
    package var host = "127.0.0.1"
    /// The port; 0 for any free one, which `HTTPServer` reports.
    package var port = 8443
    /// TLS; nil for plain HTTP.
    package var tls: TLSSettings?
    /// How much of what is taken at most.
    package var limits = HTTPLimits()
    /// How long waits last at most.
    package var timeouts = HTTPTimeouts()
    /// The folder with a run's report in a folder of the run's name each; nil for no pages of reports.
    package var reportsFolder: String?
    /// What a scraper of `/metrics` may show instead of the operator's token; nil for nothing.
    package var metricsToken: Secret?
    /// Whether callers on the same machine may read `/metrics` without the operator's token.
    package var servesMetricsToLoopback = true

    /// Settings with their defaults.
    package init() {}
}

/// How much a server takes: what is beyond is refused, never queued.
package struct HTTPLimits: Hashable, Sendable {
    /// Open connections in all; one more is closed at once.
    package var connections = 20_000
    /// Open connections from one address; one more is closed at once.
    package var connectionsPerPeer = 2_000
    /// Bytes of a call's message.
    package var messageByteCount = 1 << 20
    /// Bytes of calls' messages that are arriving at the same time, from clients and operators; one more call is told to
    /// come back.
    package var messageBytesInProgress = 256 << 20
    /// Bytes of calls' messages that are arriving at the same time, from callers that are not known.
    package var strangersBytesInProgress = 32 << 20
    /// Bytes of a model or an update.
    package var blobByteCount = 8 << 30
    /// Bytes of a request's header fields in all, and of one of them.
    package var headerByteCount = 32 << 10
    /// A request's header fields.
    package var headerFieldCount = 100
    /// Uploads that arrive at the same time; one more is told to come back.
    package var uploads = 512
    /// Uploads of one client that arrive at the same time; one more is told to come back. More than one, as a client
    /// that has lost its connection begins again before the server has noticed.
    package var uploadsPerClient = 4
    /// Requests at the same time on one HTTP/2 connection.
    package var streamsPerConnection = 256
    /// Bytes that an HTTP/2 client may send before the server has taken them, in one request; four times as many on a
    /// connection.
    package var streamWindowByteCount = 1 << 20
    /// Bytes of differences between models that are kept for the next who asks. One that is longer is not made.
    package var differenceByteCount = 256 << 20
    /// Differences that are made at the same time; who asks for one more gets the whole model.
    package var differencesInProgress = 2
    /// Bytes read from and written to a disk at a time.
    package var chunkByteCount = 512 << 10

    /// Limits with their defaults.
    package init() {}
}

/// How long a server waits, for whom.
package struct HTTPTimeouts: Hashable, Sendable {
    /// For a request's header from its first byte on, and for a TLS handshake.
    package var header = Duration.seconds(15)
    /// For the next request on a connection.
    package var idle = Duration.seconds(120)
    /// For the next byte of a body, either way.
    package var progress = Duration.seconds(30)
    /// The slowest transfer put up with, in bytes a second over any `slowWindow`.
    package var slowestRate = 1024
    /// What `slowestRate` is averaged over.
    package var slowWindow = Duration.seconds(60)
    /// For what is in progress when the server shuts down; then its connections are closed.
    package var grace = Duration.seconds(30)
    /// For a refused request's sender to read the answer before the connection is closed.
    package var linger = Duration.seconds(2)

    /// Timeouts with their defaults.
    package init() {}
}
