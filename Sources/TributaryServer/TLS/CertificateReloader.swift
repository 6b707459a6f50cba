package import Logging
package import NIOPosix
import ServiceLifecycle
import Synchronization

/// Keeps a server's certificate up to date without a restart: new connections use the files as they are, open ones go on.
///
/// It looks every few seconds whether one of the files has changed, and at once when `reload()` is called (on `SIGHUP`).
/// Files that do not go together, as in the instant between the writing of one and the other, are logged and the
/// certificate in use is kept.
package final class CertificateReloader: Service {
    private let settings: TLSSettings
    private let logger: Logger
    private let pool: NIOThreadPool
    private let state: Mutex<State>

    private struct State {
        var context: TLSContext
        /// The files as they were when they were last read, good or bad: bad ones are not complained of twice.
        var seen: [FileIdentity]
    }

    /// Reads the files, which must be good at the start. Blocks for as long as the disk takes.
    package init(_ settings: TLSSettings, logger: Logger, pool: NIOThreadPool = .singleton) throws(TLSError) {
        self.settings = settings
        self.logger = logger
        self.pool = pool
        let seen = Self.identities(settings)
        state = Mutex(State(context: try TLSContext(settings), seen: seen))
    }

    /// What a new connection is made with.
    package var current: TLSContext { state.withLock { $0.context } }

    /// Reads the files again; throws and keeps the certificate in use if they are not good. Blocks for as long as the
    /// disk takes.
    package func reload() throws(TLSError) {
        let seen = Self.identities(settings)
        state.withLock { $0.seen = seen }
        do {
            let context = try TLSContext(settings)
            let isNew = state.withLock { state in
                defer { state.context = context }
                return state.context.fingerprint != context.fingerprint
            }
            if isNew { logger.notice("certificate reloaded", metadata: ["sha256": "\(context.fingerprint)"]) }
        } catch {
            logger.error("certificate not reloaded, the one in use is kept", metadata: ["error": "\(error)"])
            throw error
        }
    }

    /// Reads the files again if one of them is not what it was. Blocks for as long as the disk takes.
    package func reloadIfChanged() {
        let identities = Self.identities(settings)
        guard state.withLock({ $0.seen != identities }) else { return }
        // What is wrong is in the log.
        try? reload()
    }

    /// Looks at the files until the task is cancelled or shut down.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: self.settings.pollInterval)) != nil {
                _ = try? await self.pool.runIfActive { self.reloadIfChanged() }
            }
        }
    }

    private static func identities(_ settings: TLSSettings) -> [FileIdentity] {
        let paths =
            [settings.certificateChainPath, settings.privateKeyPath] + [settings.clientAuthorityPath].compactMap(\.self)
        return paths.map(FileIdentity.init(path:))
    }
}
