import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that only its owner may read, written and read without surprises: whatever fails is named.
final class DiskFile {
    let path: String
    private let descriptor: Int32

    enum Mode {
        /// A new file, or an old one emptied.
        case write
        case read
        /// A file that is only there to be locked.
        case lock
    }

    /// Opens a file; nil if it is to be read and not there.
    init?(_ path: String, _ mode: Mode) throws(ClientError) {
        self.path = path
        let flags: Int32 =
            switch mode {
            case .write: O_WRONLY | O_CREAT | O_TRUNC
            case .read: O_RDONLY
            case .lock: O_RDWR | O_CREAT
            }
        descriptor = open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if mode == .read, errno == ENOENT { return nil }
            throw Self.error(path, "opened")
        }
    }

    deinit { close(descriptor) }

    /// The file's size in bytes.
    var byteCount: Int {
        get throws(ClientError) {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw Self.error(path, "read") }
            return Int(status.st_size)
        }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(ClientError) {
        var done = 0
        while done < bytes.count {
            let count = write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.error(path, "written") }
            done += count
        }
    }

    /// Fills the buffer with the bytes from `offset` on.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(ClientError) {
        var done = 0
        while done < buffer.count {
            let count = pread(
                descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.error(path, "read") }
            guard count > 0 else { throw ClientError(.state, "\(path): is shorter than it was") }
            done += count
        }
    }

    /// Waits until everything written is on disk.
    func synchronize() throws(ClientError) {
        guard fsync(descriptor) == 0 else { throw Self.error(path, "written") }
    }

    /// Takes the file for this process alone, for as long as it is open; false if another has it.
    func takeLock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

    /// Puts a file in the place of another, on disk when this returns.
    static func rename(_ old: String, to new: String) throws(ClientError) {
        #if canImport(Glibc)
            let result = Glibc.rename(old, new)
        #elseif canImport(Musl)
            let result = Musl.rename(old, new)
        #else
            let result = Darwin.rename(old, new)
        #endif
        guard result == 0 else { throw error(new, "written") }
        try synchronizeFolder(of: new)
    }

    /// Removes a file if it is there.
    static func remove(_ path: String) throws(ClientError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw error(path, "removed") }
    }

    /// Makes a folder that only its owner may enter, and those around it.
    static func makeFolder(_ path: String) throws(ClientError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw ClientError(.state, "\(path): the folder cannot be made; choose a state folder that can be written")
        }
    }

    private static func synchronizeFolder(of path: String) throws(ClientError) {
        let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_CLOEXEC)
        guard folder >= 0 else { throw error(path, "written") }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw error(path, "written") }
    }

    private static func error(_ path: String, _ verb: String) -> ClientError {
        ClientError(.state, "\(path): cannot be \(verb): \(String(cString: strerror(errno)))")
    }
}
