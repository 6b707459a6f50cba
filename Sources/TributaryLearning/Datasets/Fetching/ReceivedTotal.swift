import Synchronization

/// The length a server announced, carried from its answer to the end of the download.
final class ReceivedTotal: Sendable {
    private let total = Mutex<Int?>(nil)

    var value: Int? { total.withLock { $0 } }

    func set(_ value: Int?) {
        total.withLock { $0 = value }
    }
}
