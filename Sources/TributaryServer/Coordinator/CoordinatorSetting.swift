package import Logging
package import TributaryCore
package import TributaryStore

/// What a coordinator works with, and what an operator chooses.
package struct CoordinatorSetting: Sendable {
    /// Where rows are kept.
    package var ledger: any Ledger
    /// Where models and updates are kept.
    package var store: any BlobStore
    /// The time.
    package var clock: any CoordinatorClock
    /// Where an operator reads what happens.
    package var logger: Logger
    /// What decisions depend on.
    package var settings = CoordinatorMachine.Settings()
    /// Who scores models; nil: nobody.
    package var scorer: (any ModelScorer)?
    /// Who makes models by name; nil: runs bring their models.
    package var library: (any ModelLibrary)?
    /// The folder in which each run has a folder of its own for its report; nil: no reports.
    package var reports: String?
    /// The machine, for reports.
    package var machine = RunRecord.Machine(
        processor: "unknown", cores: 0, memoryBytes: 0, system: "unknown", swift: "", blas: "", workers: 0)
    /// The version of Tributary.
    package var version = "0"
    /// Makes the secret of a new private run's noise: 256 bits of the system's cryptographic generator, unless a test says
    /// else.
    package var makeNoiseKey: @Sendable () -> NoiseKey = {
        var generator = SystemRandomNumberGenerator()
        return NoiseKey.random(using: &generator)
    }
    /// Calls at work at a time, besides those that wait for tasks; more are refused.
    package var callLimit = 20_000
    /// How long going down waits for what was begun.
    package var drainLimit = Duration.seconds(30)
    /// The time between two sweeps of the blob store.
    package var sweepInterval = Duration.seconds(3600)
    /// How old a blob that nothing names must be to be swept away, and an upload without progress to be forgotten.
    package var sweepAge = Duration.seconds(3600)
    /// Rows of old rounds that the ledger is to forget in one transaction.
    package var pruneLimit = 1000
    /// When a report that could not be written is tried again.
    package var reportRetry = Duration.seconds(5)
    /// How often reports are written.
    package var pace = LiveReport.Pace()

    package init(ledger: any Ledger, store: any BlobStore, clock: any CoordinatorClock, logger: Logger) {
        (self.ledger, self.store, self.clock, self.logger) = (ledger, store, clock, logger)
    }
}
