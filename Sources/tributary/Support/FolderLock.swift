import Foundation
import TributaryReports

/// One process at a time may run in a folder: two would write each other's rounds.
final class FolderLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock until this value is gone.
    init(_ folder: RunFolder) throws {
        descriptor = try Self.open(folder)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Takes the lock, which the system gives back when the process ends, however it ends.
    static func take(_ folder: RunFolder) throws {
        _ = try open(folder)
    }

    private static func open(_ folder: RunFolder) throws -> Int32 {
        let descriptor = Foundation.open(folder.path, O_RDONLY | O_CLOEXEC)
        // Where a folder cannot be locked, as on some network shares, runs go on without.
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else {
            return descriptor
        }
        close(descriptor)
        throw CommandFailure(
            .inputOutput, "\(folder.path): another process is running in this folder; wait for it, or stop it by Ctrl-C"
        )
    }
}
