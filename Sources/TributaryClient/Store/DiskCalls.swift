import Foundation

/// The calls of the file system that fail when a disk is full, and that must come in order if what was kept is to outlive
/// a loss of power. Each returns -1, with `errno`, for failure. Tests put others in their place.
package struct DiskCalls: Sendable {
    /// Appends bytes to a file, perhaps fewer than all; how many.
    package var write: @Sendable (Int32, UnsafeRawBufferPointer) -> Int
    /// Waits until a file or a folder's names are on disk.
    package var synchronize: @Sendable (Int32) -> Int32
    /// Gives a file another name.
    package var rename: @Sendable (String, String) -> Int32
    /// Removes a file.
    package var remove: @Sendable (String) -> Int32
    /// Makes a folder that only its owner may enter.
    package var makeFolder: @Sendable (String) -> Int32

    /// The system's own, to be changed one by one.
    package init() {
        write = { file, bytes in Foundation.write(file, bytes.baseAddress, bytes.count) }
        synchronize = { file in
            #if canImport(Darwin)
                // Here fsync leaves the bytes in the drive's cache.
                fcntl(file, F_FULLFSYNC)
            #else
                fsync(file)
            #endif
        }
        rename = { old, new in Foundation.rename(old, new) }
        remove = { path in unlink(path) }
        makeFolder = { path in mkdir(path, 0o700) }
    }
}
