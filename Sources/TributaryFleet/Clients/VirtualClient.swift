import Foundation
import Synchronization
import TributaryClient
import TributaryCore

/// A client of a fleet: the same one through all its lives.
///
/// Every life is a client of the SDK of its own, as after a restart; what outlives it is the store with its identity and
/// a finished update, as on a device's disk.
final class VirtualClient: Sendable {
    /// What outlives a life.
    private struct Lasting {
        var id: ClientID?
        /// The last round of each run whose fate was played: what is given again goes well.
        var struck: [RunID: RoundNumber] = [:]
        var transfers = 0
        /// What it has taken of the room for updates.
        var room = 0
    }

    /// How a life ended.
    private enum Ending {
        case vanished
        case stopped
        case failed(String)
    }

    let index: Int
    let isSlow: Bool
    let resources: FleetResources
    private let store: MemoryStore
    private let lasting = Mutex(Lasting())

    init(_ index: Int, _ resources: FleetResources) {
        self.index = index
        self.resources = resources
        isSlow = resources.schedule.isSlow(index)
        let prefix = resources.settings.namePrefix
        store = MemoryStore(registrationKey: resources.schedule.registrationKey(of: index, prefix: prefix))
    }

    /// The name that the server knows it by.
    var name: String { "\(resources.settings.namePrefix)-\(String(format: "%05d", index))" }

    /// Takes part, life after life, until the task is cancelled or the client can not go on.
    func run() async {
        var lives = 0
        while true {
            switch await live() {
            case .stopped: return
            case .failed(let reason):
                return resources.statistics.count { report in
                    report.clients.failed += 1
                    if report.clients.firstFailure == nil { report.clients.firstFailure = reason }
                }
            case .vanished:
                let absence = resources.schedule.absence(of: index, life: lives)
                lives += 1
                guard (try? await Task.sleep(for: absence)) != nil else { return }
                resources.statistics.count { $0.clients.returns += 1 }
            }
        }
    }

    private func live() async -> Ending {
        let life = ClientLife(self)
        let client = FederatedClient(
            FleetTrainer(life: life), settings: settings, transport: FaultyTransport(life: life), store: store,
            // A slow client's download would hold up all those that wait for it.
            observer: life, models: isSlow ? nil : resources.models)
        let ending = await withTaskGroup(of: Ending.self) { group in
            group.addTask {
                do {
                    try await client.run()
                    return .stopped
                } catch {
                    return Task.isCancelled ? .stopped : .failed("\(error)")
                }
            }
            group.addTask { await life.disappearance() ? .vanished : .stopped }
            let first = await group.next() ?? .stopped
            group.cancelAll()
            return first
        }
        if case .vanished = ending { life.ended(vanished: true) } else { life.ended(vanished: false) }
        if store.load().result == nil { leaveRoom() }
        return ending
    }

    private var settings: ClientSettings {
        var settings = resources.settings.client
        settings.description.name = name
        let regions = resources.settings.regions
        if !regions.isEmpty {
            let place = EnergyModel.region(
                of: ClientID(index: index), among: regions.count, seed: resources.settings.seed)
            settings.energy.region = regions[place]
        }
        // No app uses them, and there may be thousands.
        settings.keepsPersonalModels = false
        return settings
    }
}

extension VirtualClient {
    /// The server calls the client by a number.
    func registered(as id: ClientID) {
        let before = lasting.withLock { lasting in
            defer { lasting.id = id }
            return lasting.id
        }
        resources.statistics.count { report in
            if before == nil { report.clients.registered += 1 }
            if let before, before != id { report.clients.identityChanges += 1 }
        }
    }

    /// Whether a task's fate is still to be played; from now on it is not.
    func strike(_ task: TaskID) -> Bool {
        lasting.withLock { lasting in
            if let last = lasting.struck[task.run], last >= task.round { return false }
            lasting.struck[task.run] = task.round
            return true
        }
    }

    /// What the next transfer of so many bytes suffers.
    func nextShape(byteCount: Int) -> TransferShape {
        let transfer = lasting.withLock { lasting in
            defer { lasting.transfers += 1 }
            return lasting.transfers
        }
        let share = resources.schedule.cut(of: index, transfer: transfer)
        return TransferShape(
            bytesPerSecond: isSlow ? resources.settings.faults.slowLink : nil,
            cutAfter: share.map { max(1, Int($0 * Double(byteCount))) })
    }

    /// Waits for room for an update of a model of so many parameters.
    func takeRoom(parameterCount: Int) async throws {
        if lasting.withLock({ $0.room }) > 0 { return }
        // The local model, the difference, and the bytes of it.
        let taken = try await resources.updates.enter(parameterCount * 12)
        lasting.withLock { $0.room = taken }
    }

    /// The update is gone.
    func leaveRoom() {
        let taken = lasting.withLock { lasting in
            defer { lasting.room = 0 }
            return lasting.room
        }
        if taken > 0 { resources.updates.leave(taken) }
    }
}
