import Synchronization
import TributaryCore

/// The uploads that this process has to do with.
final class UploadRegistry: Sendable {
    private let folder: BlobFolder
    private let state = Mutex(State())

    private struct State {
        var slots: [UploadID: UploadSlot] = [:]
        var sweepCount = UploadRegistry.idleLimit
    }

    /// Uploads without a writer whose running digests are kept at least; of others the bytes are read again.
    private static let idleLimit = 1024

    init(_ folder: BlobFolder) {
        self.folder = folder
    }

    /// The one slot of an upload.
    func slot(of upload: UploadID) -> UploadSlot {
        state.withLock { state in
            if let slot = state.slots[upload] { return slot }
            if state.slots.count >= state.sweepCount { sweep(&state) }
            let slot = UploadSlot(upload, in: folder)
            state.slots[upload] = slot
            return slot
        }
    }

    /// Drops the slots that nobody holds. Slots are handed out under the lock only, so nobody can get hold of one now.
    private func sweep(_ state: inout State) {
        var idle: [UploadID] = []
        var place = state.slots.values.startIndex
        while place != state.slots.values.endIndex {
            if isKnownUniquelyReferenced(&state.slots.values[place]) { idle.append(state.slots.keys[place]) }
            state.slots.values.formIndex(after: &place)
        }
        for upload in idle { state.slots[upload] = nil }
        state.sweepCount = max(Self.idleLimit, 2 * state.slots.count)
    }
}
