import Foundation
import Logging
import Metrics
import ServiceLifecycle
import TributaryBLAS
import TributaryCore
import TributaryReports
import TributaryServer
import TributarySimulation
import TributaryStore
import UnixSignals

/// A coordinator as a process: the settings' stores, its machine and its network side, put together and run to the end.
struct ServerProcess {
    private let settings: ServerSettings
    private let banner: StartBanner?
    private let secrets: ServerSecrets

    init(_ effective: EffectiveSettings, isQuiet: Bool) throws {
        settings = effective.settings
        try Self.makeStateFolder(settings.state)
        secrets = try ServerSecrets(settings)
        banner = isQuiet ? nil : StartBanner(effective, secrets)
    }

    /// Serves until a signal ends it.
    func run() async throws {
        let logger = makeLogger()
        let metrics = settings.metrics.isEnabled ? MetricsRegistry() : nil
        if let metrics { MetricsSystem.bootstrap(metrics) }
        BLAS.useOneThreadPerWorker()
        BlockingThreads.provide()
        // The ledger's lock is what keeps two processes apart, so it comes first.
        let ledger = try SQLiteLedger(path: "\(settings.state)/ledger.sqlite")
        let store = try FolderBlobStore(path: "\(settings.state)/blobs")
        let coordinator = try await Coordinator.open(coordinatorSetting(ledger, store, logger))
        let calls = CoordinatorCalls(
            coordinator, operatorToken: secrets.operatorToken.value, joinToken: secrets.joinToken.value)
        var http = settings.http
        http.metricsToken = secrets.metricsToken
        let server = try HTTPServer(
            http, calls: calls, store: store, logger: logger, metrics: metrics,
            onBound: { [banner] address in
                let lines = banner?.lines(address: ListenAddress(host: address.host, port: address.port)) ?? []
                for line in lines { Console.error(line) }
            }, onShutdown: { coordinator.close() })
        var services: [any Service] = [CoordinatorService(coordinator: coordinator), server]
        if let certificates = server.certificates { services.append(CertificateSignal(certificates)) }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { service in
                    ServiceGroupConfiguration.ServiceConfiguration(
                        service: service, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup)
                }, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet(logger)))
        do {
            try await group.run()
        } catch {
            throw Self.readable(error, at: settings.listen)
        }
        logger.notice("stopped")
    }

    private func coordinatorSetting(
        _ ledger: any Ledger, _ store: any BlobStore, _ logger: Logger
    ) -> CoordinatorSetting {
        var setting = CoordinatorSetting(
            ledger: ledger, store: store, clock: LiveClock(wallTime: Date().timeIntervalSince1970), logger: logger)
        setting.settings = settings.machine
        setting.scorer = TestSetScorer(logger: logger)
        setting.library = NamedModels()
        setting.reports = settings.reportsFolder
        setting.machine = .current(workers: ProcessInfo.processInfo.activeProcessorCount)
        setting.version = ToolVersion.text
        setting.drainLimit = settings.shutdown.grace
        return setting
    }

    private func makeLogger() -> Logger {
        let (format, level) = (settings.log.format, settings.log.level)
        LoggingSystem.bootstrap { _ in LogLines(format: format, logLevel: level) }
        return Logger(label: "tributary")
    }

    /// The services' own housekeeping is of no use to an operator.
    private func quiet(_ logger: Logger) -> Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return quiet
    }

    private static func makeStateFolder(_ path: String) throws {
        do throws(ReportError) {
            try FileAccess.makeFolder(path, mode: 0o700)
        } catch {
            throw CommandFailure(.inputOutput, "\(error); choose a state folder that this user can write")
        }
    }

    private static func readable(_ error: any Error, at address: ListenAddress) -> any Error {
        let text = "\(error)"
        if text.contains("EADDRINUSE") || text.contains("Address already in use") {
            return CommandFailure(
                .unavailable, "\(address) is in use by another process; choose another --listen address")
        }
        if text.contains("bind(") || text.contains("EADDRNOTAVAIL") || text.contains("EACCES") {
            return CommandFailure(.unavailable, "cannot listen on \(address): \(text)")
        }
        return error
    }
}

/// The coordinator as a part of the process. It begins to go down with the network side and is often done first, but a
/// service that ends before its turn would count as broken, and cut off requests that are still answered.
private struct CoordinatorService: Service {
    let coordinator: Coordinator

    func run() async throws {
        try await coordinator.run()
        // Ends by being cancelled, too.
        try? await gracefulShutdown()
    }
}

/// Reads the certificate again on SIGHUP.
private struct CertificateSignal: Service {
    private let certificates: CertificateReloader

    init(_ certificates: CertificateReloader) {
        self.certificates = certificates
    }

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            // What is wrong with a certificate is in the log, and the one in use is kept.
            for await _ in signals { try? certificates.reload() }
        }
    }
}
