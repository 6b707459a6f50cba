import Synchronization
import TributaryCore
import TributaryWire

/// Bounds how many uploads may arrive at the same time, from all and from each client.
final class UploadSlots: Sendable {
    private struct State {
        var taken = 0
        var takenByClient: [ClientID: Int] = [:]
    }

    private let limit: Int
    private let limitPerClient: Int
    private let state = Mutex(State())

    init(_ limits: HTTPLimits) {
        (limit, limitPerClient) = (limits.uploads, limits.uploadsPerClient)
    }

    /// How many arrive.
    var taken: Int { state.withLock { $0.taken } }

    /// Takes a slot, to be given back; throws `unavailable` with a retry window if there is none. Operators, who share a
    /// number, are bounded with all others only.
    func take(for client: ClientID) throws(ConnectError) {
        let full: String? = state.withLock { state in
            let ofClient = state.takenByClient[client, default: 0]
            if state.taken >= limit { return "\(limit) uploads are" }
            if ofClient >= limitPerClient, client != .operators {
                return "\(limitPerClient) uploads of the caller's are"
            }
            state.taken += 1
            state.takenByClient[client] = ofClient + 1
            return nil
        }
        guard let full else { return }
        throw ConnectError(
            .unavailable, "\(full) arriving already: come back",
            retry: RetryWindow(earliest: .seconds(2), latest: .seconds(10)))
    }

    func giveBack(by client: ClientID) {
        state.withLock { state in
            state.taken -= 1
            let left = state.takenByClient[client, default: 1] - 1
            state.takenByClient[client] = left == 0 ? nil : left
        }
    }
}
