import NIOCore
import Synchronization

/// The open connections: how many there are, from whom, and how to end them all.
final class ConnectionRegistry: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var countOfPeer: [String: Int] = [:]
    }

    private let state = Mutex(State())
    private let limits: HTTPLimits
    private let onChange: @Sendable (Int) -> Void

    init(_ limits: HTTPLimits, onChange: @escaping @Sendable (Int) -> Void) {
        self.limits = limits
        self.onChange = onChange
    }

    /// How many there are.
    var count: Int { state.withLock { $0.channels.count } }

    /// Counts a connection in until it is closed; false if there are too many.
    func admit(_ channel: any Channel, from peer: String) -> Bool {
        let id = ObjectIdentifier(channel)
        let count: Int? = state.withLock { state in
            let ofPeer = state.countOfPeer[peer, default: 0]
            guard state.channels.count < limits.connections, ofPeer < limits.connectionsPerPeer else { return nil }
            state.channels[id] = channel
            state.countOfPeer[peer] = ofPeer + 1
            return state.channels.count
        }
        guard let count else { return false }
        onChange(count)
        channel.closeFuture.whenComplete { [weak self] _ in self?.release(id, from: peer) }
        return true
    }

    /// Closes all of them.
    func closeAll() {
        for channel in state.withLock({ Array($0.channels.values) }) { channel.close(promise: nil) }
    }

    private func release(_ id: ObjectIdentifier, from peer: String) {
        let count = state.withLock { state in
            state.channels[id] = nil
            let left = state.countOfPeer[peer, default: 1] - 1
            state.countOfPeer[peer] = left == 0 ? nil : left
            return state.channels.count
        }
        onChange(count)
    }
}
