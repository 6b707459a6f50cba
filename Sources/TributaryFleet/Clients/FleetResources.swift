import Synchronization
import TributaryClient
import TributaryCore

/// What the clients of a fleet share.
struct FleetResources: Sendable {
    let settings: FleetSettings
    let connections: any FleetConnections
    let statistics: FleetStatistics
    let schedule: FaultSchedule
    let work: any WorkSource
    let pool: TrainingPool
    let models: ModelCache
    /// Room for updates, in bytes.
    let updates: Turnstile

    init(_ settings: FleetSettings, work: any WorkSource, connections: any FleetConnections) {
        self.settings = settings
        self.connections = connections
        self.work = work
        statistics = FleetStatistics(clientCount: work.clientCount)
        schedule = FaultSchedule(settings.faults, seed: settings.seed)
        pool = TrainingPool(workerCount: settings.workers)
        models = ModelCache(byteLimit: settings.modelMemory)
        updates = Turnstile(capacity: settings.updateMemory)
    }
}
