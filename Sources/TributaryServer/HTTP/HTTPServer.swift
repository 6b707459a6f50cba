import HummingbirdCore
package import Logging
import NIOCore
package import NIOPosix
import ServiceLifecycle
import Synchronization
package import TributaryStore

/// The server's network side, as a service: listens, answers, and ends gracefully.
///
/// ```swift
/// let server = try HTTPServer(settings, calls: coordinator, store: blobs, logger: logger, metrics: registry)
/// // in a ServiceGroup, or: try await server.run()
/// ```
///
/// On graceful shutdown it takes no new connections, tells the calls layer through `onShutdown` (which ends long polls
/// at once), lets what is in progress finish within the time of grace, and closes what is left. It is to be shut down
/// before the coordinator behind the calls is.
package final class HTTPServer: Service {
    /// The certificate's keeper, for `reload()` on `SIGHUP`; nil without TLS.
    package let certificates: CertificateReloader?

    private let settings: HTTPSettings
    private let logger: Logger
    private let registry: ConnectionRegistry
    private let loop: RequestLoop
    private let draining: Flag
    private let onBound: @Sendable (BoundAddress) async -> Void
    private let onShutdown: @Sendable () async -> Void

    /// Prepares a server; with TLS it reads the certificate, and throws `TLSError` if that is not good. Blocks for as
    /// long as the disk takes.
    ///
    /// - Parameters:
    ///   - calls: What answers the calls.
    ///   - store: Where blobs lie.
    ///   - metrics: Where metrics are counted, shown under `/metrics`; nil for neither.
    ///   - pool: The threads that wait for disks.
    ///   - onBound: Told the address once the server listens.
    ///   - onShutdown: Told that a graceful shutdown has begun.
    package init(
        _ settings: HTTPSettings, calls: any ServerCalls, store: any BlobStore, logger: Logger,
        metrics: MetricsRegistry? = nil, pool: NIOThreadPool = .singleton,
        onBound: @escaping @Sendable (BoundAddress) async -> Void = { _ in },
        onShutdown: @escaping @Sendable () async -> Void = {}
    ) throws(TLSError) {
        self.settings = settings
        self.logger = logger
        self.onBound = onBound
        self.onShutdown = onShutdown
        if let tls = settings.tls {
            certificates = try CertificateReloader(tls, logger: logger, pool: pool)
        } else {
            certificates = nil
        }
        let instruments = HTTPMetrics(metrics)
        let draining = Flag()
        self.draining = draining
        registry = ConnectionRegistry(settings.limits) { instruments.connections($0) }
        let service = HTTPService(
            calls: CallRoutes(
                calls: calls, limits: settings.limits, timeouts: settings.timeouts,
                budget: MessageBudget(settings.limits)),
            blobs: BlobRoutes(
                calls: calls, store: store, pool: pool, settings: settings, metrics: instruments,
                differences: ModelDifferences(store: store, pool: pool, limits: settings.limits)),
            uploads: UploadRoutes(
                calls: calls, store: store, pool: pool, settings: settings, metrics: instruments,
                slots: UploadSlots(settings.limits)),
            pages: PageRoutes(
                calls: calls, settings: settings, pool: pool, metrics: instruments, registry: metrics,
                isDraining: { draining.isSet }),
            metrics: instruments, logger: logger)
        loop = RequestLoop(responder: service, timeouts: settings.timeouts, ids: RequestIDs(), logger: logger)
    }

    /// Serves until the task is cancelled or shut down.
    package func run() async throws {
        // Hummingbird speaks of itself as the server; what there is to say is said here.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let setup = ConnectionSetup(
            settings: settings, registry: registry, certificates: certificates, loop: loop, logger: logger)
        let server = setup.server(
            configuration: ServerConfiguration(address: .hostname(settings.host, port: settings.port), backlog: 1024),
            onServerRunning: { [onBound, logger, settings] channel in
                let address = BoundAddress(host: settings.host, port: channel.localAddress?.port ?? settings.port)
                logger.notice("listening", metadata: ["host": "\(address.host)", "port": "\(address.port)"])
                await onBound(address)
            }, eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [certificates] in try await certificates?.run() }
            group.addTask { try await self.endAfterGrace() }
            try await server.run()
            group.cancelAll()
        }
        logger.notice("no longer listening")
    }

    /// Waits for a graceful shutdown; when its time is over, closes the connections that are left.
    private func endAfterGrace() async throws {
        do {
            try await gracefulShutdown()
        } catch {
            return
        }
        draining.set()
        await onShutdown()
        // Ends early, by cancellation, when all connections have.
        guard (try? await Task.sleep(for: settings.timeouts.grace)) != nil else { return }
        logger.warning("closing connections that are still open", metadata: ["count": "\(registry.count)"])
        registry.closeAll()
    }
}

/// Where a server listens.
package struct BoundAddress: Hashable, Sendable {
    /// The host as it was given.
    package var host: String
    /// The port, also where any free one was asked for.
    package var port: Int
}

/// Something that has happened or not.
final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .relaxed) }

    func set() {
        value.store(true, ordering: .relaxed)
    }
}
