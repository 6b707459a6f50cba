public import Logging
import TributaryCore

/// Writes what a client does to a log: its course at `info`, failures at `warning`.
public struct LoggingObserver: ClientObserver {
    private let logger: Logger

    /// An observer that writes to the given log.
    public init(_ logger: Logger) {
        self.logger = logger
    }

    /// Writes one line.
    public func observed(_ event: ClientEvent) {
        switch event {
        case .registered(let id, let version): logger.info("registered as \(id) (server \(version))")
        case .resumed(let task): logger.info("\(task): a finished result goes on being handed in")
        case .taskReceived(let task): logger.info("\(task.id): received, \(task.timeLeft.inSeconds) s left")
        case .declined(let task, let reason):
            logger.info("\(task.map { "\($0)" } ?? "asking for tasks"): declined: \(reason)")
        case .downloaded(let task, let count, let time):
            logger.info("\(task): model fetched, \(count) bytes in \(time.inSeconds) s")
        case .worked(let task, _, let time): logger.info("\(task): done in \(time.inSeconds) s")
        case .uploaded(let task, let count, let time):
            logger.info("\(task): update sent, \(count) bytes in \(time.inSeconds) s")
        case .receipt(let task, let receipt, _):
            logger.info("\(task): \(receipt.verdict)\(receipt.isDuplicate ? " (handed in before)" : "")")
        case .gaveBack(let task, let failure): logger.warning("\(task): given back: \(failure.message)")
        case .taskOver(let task): logger.info("\(task): over without a result")
        case .failed(let call, let error): logger.warning("\(call.rawValue): \(error)")
        case .recovered: logger.info("it works again")
        case .stateNotKept(let error): logger.warning("\(error)")
        case .stateSetAside(let line): logger.warning("\(line)")
        }
    }
}
