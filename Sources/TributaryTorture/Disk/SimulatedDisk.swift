import Foundation
import Synchronization
package import TributaryCore
package import TributaryMath
import TributaryStore

/// A disk in memory that does all the harm real ones do, the same for the same seed.
///
/// What a process writes it sees at once, and so does the next process. A crash of the machine is another matter:
///
/// - The content of a file survives as far as somebody waited for it (``FileSystem/synchronise(_:)``). Of the writes since
///   then the first ones may survive, one of them torn at any byte; in disorder, any of them.
/// - A name that was given, taken or changed survives once its folder was waited for; before, it may or may not. A renamed
///   file has its old name or its new one, whatever happens; it is the new one's folder that is to be waited for.
/// - That a file counts as written now survives as its content does.
///
/// Besides, calls fail as ``DiskFaults`` says, and a process can end between any two of them: ``endProcess(after:)``.
///
/// ```swift
/// let disk = SimulatedDisk(seed: seed.derived("disk"))
/// disk.faults.shortWrite = 0.1
/// var store = try FolderBlobStore(path: "/store", files: disk.files)
/// disk.endProcess(after: 57)
/// …                                    // until `disk.isDown`; what the process says from then on it never said
/// disk.crash()                         // or not: then only the process ended
/// disk.start()
/// store = try FolderBlobStore(path: "/store", files: disk.files)
/// ```
package final class SimulatedDisk: Sendable {
    let state: Mutex<DiskState>

    /// An empty disk. All its faults are drawn from the seed.
    package init(seed: Seed) {
        state = Mutex(DiskState(seed.stream()))
    }

    /// The disk as the process sees it that runs now. When that process has ended, all calls of what it left behind fail.
    package var files: MountedDisk { MountedDisk(disk: self, process: state.withLock { $0.process }) }

    /// How likely things are to go wrong from now on.
    package var faults: DiskFaults {
        get { state.withLock { $0.faults } }
        set { state.withLock { $0.faults = newValue } }
    }

    /// Bytes that there is room for.
    package var capacity: Int {
        get { state.withLock { $0.capacity } }
        set { state.withLock { $0.capacity = newValue } }
    }

    /// Bytes in files.
    package var usedByteCount: Int { state.withLock { $0.used } }

    /// What has happened so far.
    package var counts: DiskCounts { state.withLock { $0.counts } }

    /// Tells the disk the time, by which files are young or old.
    package func advance(to now: Instant) {
        let (seconds, attoseconds) = now.sinceStart.components
        state.withLock { $0.now = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000) }
    }

    /// How long the calls since the last question would have taken.
    package func takeDelay() -> Duration {
        state.withLock { state in
            defer { state.delay = .zero }
            return state.delay
        }
    }
}

extension SimulatedDisk {
    /// Whether no process runs: the last one ended or the machine crashed, and none was started since.
    package var isDown: Bool { state.withLock { $0.isDown } }

    /// Lets the process end after so many more operations: the next one fails, a write perhaps in the middle, and so do
    /// all after it. With nil it goes on.
    package func endProcess(after operations: Int?) {
        state.withLock { $0.operationsLeft = operations }
    }

    /// Ends the process now.
    package func endProcess() {
        state.withLock { $0.isDown = true }
    }

    /// Starts a process. What the one before has written is there.
    package func start() {
        state.withLock { $0.start() }
    }

    /// The machine crashes, and its process with it: what was not on disk is lost in part or altogether.
    package func crash() {
        state.withLock { $0.crash() }
    }
}

extension SimulatedDisk {
    /// What a file would hold if the machine crashed now and all was lost that can be; nil if it would not be there.
    package func durableContent(of path: String) -> [UInt8]? {
        state.withLock { state in
            var node: DiskNode? = .folder(state.root)
            for name in path.split(separator: "/") {
                guard case .folder(let folder) = node else { return nil }
                node = folder.durableNames[String(name)]
            }
            guard case .file(let file) = node else { return nil }
            return file.durable
        }
    }

    /// What a file holds as processes see it, without any fault; nil if it is not there.
    package func content(of path: String) -> [UInt8]? {
        state.withLock { state in
            guard case .file(let file) = state.paths[path] else { return nil }
            return file.content
        }
    }

    /// The paths of all files, as processes see them.
    package var paths: [String] {
        state.withLock { state in
            state.paths.compactMap { path, node in
                if case .file = node { path } else { nil }
            }.sorted()
        }
    }

    /// Whether a file at this path ever rotted, vanished or was misread, or what is there now did so at another path.
    package func isRotten(_ path: String) -> Bool {
        state.withLock { state in
            if state.rottenPaths.contains(path) { return true }
            guard case .file(let file) = state.paths[path] else { return false }
            return file.isRotten
        }
    }

    /// Turns a bit of a file over, if there is such a bit; whether there was.
    @discardableResult
    package func rot(_ path: String, bit: Int) -> Bool {
        state.withLock { state in
            guard case .file(let file) = state.paths[path], bit >= 0, bit / 8 < file.content.count else { return false }
            file.rot(bit: bit)
            state.rottenPaths.insert(path)
            return true
        }
    }
}
