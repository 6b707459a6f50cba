import TributaryClient
import TributaryCore

/// Virtual clients by the thousand against a real server: each one a client of the SDK with an identity and a shard of
/// its own, over few connections, with faults played on the real wire.
///
/// ```swift
/// var settings = FleetSettings(ClientSettings(server: "https://localhost:8470", joinToken: token))
/// settings.faults.plan.beforeUpload = 0.1
/// let fleet = Fleet(settings, work: SharedWork(data.dataset, shards: data.shards))
/// print(try await fleet.run(lasting: .seconds(60)))
/// ```
public struct Fleet: Sendable {
    private let settings: FleetSettings
    private let work: any WorkSource
    private let givenConnections: (any FleetConnections)?

    /// What ended, of the things that go on side by side.
    private enum Part {
        case clients
        case limit
    }

    /// A fleet with a client for each shard.
    public init(_ settings: FleetSettings, work: SharedWork) {
        (self.settings, self.work, givenConnections) = (settings, work, nil)
    }

    package init(_ settings: FleetSettings, work: any WorkSource, connections: any FleetConnections) {
        (self.settings, self.work, givenConnections) = (settings, work, connections)
    }

    /// Runs the fleet until `run` has ended, the duration is over, or `stop` returns, whatever comes first; without any
    /// of them, until the task is cancelled. Then all clients are gone, and what they had in hand with them.
    ///
    /// - Throws: `ClientError` if the settings cannot be used, the run cannot be created, or no client can take part;
    ///   `CancellationError`.
    public func run(
        watching run: FleetRun? = nil, lasting duration: Duration? = nil,
        until stop: (@Sendable () async -> Void)? = nil,
        progress: @escaping @Sendable (FleetReport) -> Void = { _ in }
    ) async throws -> FleetReport {
        let settings = HTTPConnections.adapted(settings, clientCount: work.clientCount)
        let connections = try givenConnections ?? HTTPConnections(settings, clientCount: work.clientCount)
        let resources = FleetResources(settings, work: work, connections: connections)
        let outcome: Result<Void, any Error>
        do {
            try await play(resources, run, duration, stop, progress)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await connections.shutdown()
        try outcome.get()
        return resources.statistics.report
    }

    private func play(
        _ resources: FleetResources, _ run: FleetRun?, _ duration: Duration?, _ stop: (@Sendable () async -> Void)?,
        _ progress: @escaping @Sendable (FleetReport) -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Part.self) { group in
            group.addTask {
                await Self.runClients(resources)
                return .clients
            }
            group.addTask { try await Self.tell(progress, resources) }
            group.addTask { try await Self.storm(resources) }
            if let run {
                group.addTask {
                    try await run.watch(over: resources.connections) { course in
                        resources.statistics.count { $0.run = course }
                    }
                    return .limit
                }
            }
            if let duration {
                group.addTask {
                    try await Task.sleep(for: duration)
                    return .limit
                }
            }
            if let stop {
                group.addTask {
                    await stop()
                    return .limit
                }
            }
            let first = try await group.next()
            try Task.checkCancellation()
            group.cancelAll()
            // Clients end by themselves only when none of them can go on.
            let clients = resources.statistics.report.clients
            if case .clients = first, clients.failed == clients.count, let failure = clients.firstFailure {
                throw ClientError(.refused, "no client can take part: \(failure)")
            }
            while (try? await group.next()) != nil {}
        }
    }

    private static func runClients(_ resources: FleetResources) async {
        let count = resources.work.clientCount
        let rampUp = resources.settings.rampUp ?? .milliseconds(count)
        await withDiscardingTaskGroup { group in
            for index in 0..<count {
                group.addTask {
                    let delay = rampUp * (Double(index) / Double(count))
                    guard (try? await Task.sleep(for: delay)) != nil else { return }
                    await VirtualClient(index, resources).run()
                }
            }
        }
    }

    private static func tell(
        _ progress: @Sendable (FleetReport) -> Void, _ resources: FleetResources
    ) async throws -> Part {
        while true {
            try await Task.sleep(for: resources.settings.progressInterval)
            progress(resources.statistics.report)
        }
    }

    private static func storm(_ resources: FleetResources) async throws -> Part {
        let interval = resources.settings.faults.stormInterval
        // At fixed times: to close connections may take a while.
        var next = ContinuousClock.now
        while true {
            next = max(next + (interval ?? .seconds(86_400)), .now)
            try await Task.sleep(until: next)
            guard interval != nil else { continue }
            resources.statistics.played(.storm)
            try await resources.connections.reconnect()
        }
    }
}
