import Synchronization
import TributaryCore
import TributaryWire

/// Bounds the bytes of messages that have begun to arrive and are not understood yet, over all connections.
///
/// Callers that are not known have a small budget of their own: they can keep each other waiting, and not the others.
final class MessageBudget: Sendable {
    /// What one message has taken.
    final class Share: Sendable {
        private let budget: MessageBudget
        private let isKnown: Bool
        private let taken = Mutex(0)

        fileprivate init(_ budget: MessageBudget, isKnown: Bool) {
            (self.budget, self.isKnown) = (budget, isKnown)
        }

        /// Takes room for more bytes; throws `unavailable` with a retry window if there is none.
        func grow(by count: Int) throws(ConnectError) {
            guard budget.take(count, isKnown) else {
                throw ConnectError(
                    .unavailable, "too many messages are arriving: come back",
                    retry: RetryWindow(earliest: .seconds(2), latest: .seconds(10)))
            }
            taken.withLock { $0 += count }
        }

        /// The message's bytes are no longer held.
        func end() {
            let count = taken.withLock { taken in
                defer { taken = 0 }
                return taken
            }
            budget.giveBack(count, isKnown)
        }
    }

    private let limits: HTTPLimits
    private let taken = Mutex((known: 0, strangers: 0))

    init(_ limits: HTTPLimits) { self.limits = limits }

    /// Room for one message, to be ended.
    func share(isKnown: Bool) -> Share { Share(self, isKnown: isKnown) }

    private func take(_ count: Int, _ isKnown: Bool) -> Bool {
        taken.withLock { taken in
            let limit = isKnown ? limits.messageBytesInProgress : limits.strangersBytesInProgress
            guard count <= limit - (isKnown ? taken.known : taken.strangers) else { return false }
            if isKnown { taken.known += count } else { taken.strangers += count }
            return true
        }
    }

    private func giveBack(_ count: Int, _ isKnown: Bool) {
        taken.withLock { taken in
            if isKnown { taken.known -= count } else { taken.strangers -= count }
        }
    }
}
