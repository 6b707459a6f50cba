import Foundation

/// The calls of the file system that fail when a disk is full or ill. Tests put failing ones in their place.
package struct FileCalls: Sendable {
    /// Writes bytes of a file at a place; like `pwrite` it may write fewer, and returns -1 with `errno` for failure.
    package var write: @Sendable (Int32, UnsafeRawBufferPointer, Int) -> Int
    /// Waits until a file or folder is on disk; -1 with `errno` for failure.
    package var synchronise: @Sendable (Int32) -> Int32
    /// Gives a file another name; -1 with `errno` for failure.
    package var rename: @Sendable (String, String) -> Int32

    /// The system's own.
    package static let system = FileCalls()

    /// The system's own, to be changed one by one.
    package init() {
        write = { file, bytes, offset in pwrite(file, bytes.baseAddress, bytes.count, off_t(offset)) }
        synchronise = { file in
            #if canImport(Darwin)
                // Here fsync leaves the bytes in the drive's cache.
                fcntl(file, F_FULLFSYNC)
            #else
                fsync(file)
            #endif
        }
        rename = { old, new in Foundation.rename(old, new) }
    }
}

extension StoreError {
    /// The failure of a file operation, by what the system says of it in `errno`.
    static func file(_ path: String, _ trouble: String) -> StoreError {
        let number = errno
        let reason = String(cString: strerror(number)).lowercased()
        let isFull = number == ENOSPC || number == EDQUOT
        let advice = isFull ? "; make room on the disk, then try again" : ""
        return StoreError(isFull ? .full : .io, "\(path): \(trouble): \(reason)\(advice)")
    }
}
