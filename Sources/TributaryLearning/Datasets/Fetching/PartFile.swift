import Foundation
import Synchronization

/// A file that is being downloaded: it may be incomplete, and a later attempt goes on where it ends.
final class PartFile: Sendable {
    let path: String
    private let limit: Int
    private let state: Mutex<State>

    private struct State {
        var handle: FileHandle?
        var count: Int
    }

    /// Opens or makes the file. Nothing beyond `limit` bytes is written.
    init(path: String, limit: Int) throws(DatasetError) {
        self.path = path
        self.limit = limit
        if !FileManager.default.fileExists(atPath: path) {
            guard FileManager.default.createFile(atPath: path, contents: nil) else {
                throw DatasetError(.inputOutput, "\(path): cannot be written")
            }
        }
        guard let handle = FileHandle(forUpdatingAtPath: path), let end = try? handle.seekToEnd() else {
            throw DatasetError(.inputOutput, "\(path): cannot be written")
        }
        state = Mutex(State(handle: handle, count: Int(end)))
    }

    /// The number of bytes held.
    var count: Int { state.withLock { $0.count } }

    /// Takes an event of a download that was asked to begin at `asked`.
    func receive(_ event: DownloadEvent, asked: Int) throws(DatasetError) {
        switch event {
        case .response(let offset, let total):
            guard offset == asked || offset == 0 else {
                throw DatasetError(.inputOutput, "the server sent bytes from \(offset) on instead of \(asked)")
            }
            if let total, total > limit { throw tooLong }
            if offset == 0 { try truncate() }
        case .bytes(let bytes): try append(bytes)
        }
    }

    /// Forgets all content.
    func truncate() throws(DatasetError) {
        try change { state in
            try state.handle?.truncate(atOffset: 0)
            state.count = 0
        }
    }

    private func append(_ bytes: [UInt8]) throws(DatasetError) {
        guard count + bytes.count <= limit else { throw tooLong }
        try change { state in
            try state.handle?.write(contentsOf: bytes)
            state.count += bytes.count
        }
    }

    /// Makes the content durable and gives the file its final name in one step.
    func store(at destination: String) throws(DatasetError) {
        try change { state in
            try state.handle?.synchronize()
            try state.handle?.close()
            state.handle = nil
        }
        guard rename(path, destination) == 0 else {
            let reason = String(cString: strerror(errno)).lowercased()
            throw DatasetError(.inputOutput, "\(destination): cannot be written: \(reason)")
        }
    }

    /// Removes the file.
    func discard() {
        try? FileManager.default.removeItem(atPath: path)
    }

    private var tooLong: DatasetError {
        .badData("the file is longer than the \(limit) bytes it can be")
    }

    private func change(_ work: (inout State) throws -> Void) throws(DatasetError) {
        let failed = state.withLock { state in
            do {
                try work(&state)
                return false
            } catch {
                return true
            }
        }
        if failed { throw DatasetError(.inputOutput, "\(path): cannot be written; is the disk full?") }
    }
}
