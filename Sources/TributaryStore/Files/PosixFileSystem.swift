import Foundation

/// The machine's own file system.
package struct PosixFileSystem: FileSystem {
    package init() {}

    package func open(_ path: String, _ mode: FileMode) throws(FileError) -> Int32 {
        let flags =
            switch mode {
            case .reading: O_RDONLY
            case .writing: O_RDWR | O_CREAT
            case .creating: O_RDWR | O_CREAT | O_EXCL
            }
        while true {
            let file = Foundation.open(path, flags | O_CLOEXEC, 0o600)
            if file >= 0 { return file }
            if errno != EINTR { throw .last }
        }
    }

    package func close(_ file: Int32) {
        Foundation.close(file)
    }

    package func read(
        _ file: Int32, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(FileError) -> Int {
        while true {
            let count = pread(file, buffer.baseAddress, buffer.count, off_t(offset))
            if count >= 0 { return count }
            if errno != EINTR { throw .last }
        }
    }

    package func write(_ bytes: UnsafeRawBufferPointer, to file: Int32, at offset: Int) throws(FileError) -> Int {
        while true {
            let count = pwrite(file, bytes.baseAddress, bytes.count, off_t(offset))
            if count >= 0 { return count }
            if errno != EINTR { throw .last }
        }
    }

    package func truncate(_ file: Int32, to byteCount: Int) throws(FileError) {
        while ftruncate(file, off_t(byteCount)) != 0 {
            if errno != EINTR { throw .last }
        }
    }

    package func synchronise(_ file: Int32) throws(FileError) {
        #if canImport(Darwin)
            // Here fsync leaves the bytes in the drive's cache.
            func wait() -> Int32 { fcntl(file, F_FULLFSYNC) }
        #else
            func wait() -> Int32 { fsync(file) }
        #endif
        while wait() != 0 {
            if errno != EINTR { throw .last }
        }
    }

    package func status(of file: Int32) throws(FileError) -> FileStatus {
        var status = stat()
        if fstat(file, &status) != 0 { throw .last }
        return FileStatus(status)
    }

    package func status(at path: String) throws(FileError) -> FileStatus {
        var status = stat()
        if stat(path, &status) != 0 { throw .last }
        return FileStatus(status)
    }

    package func rename(_ path: String, to newPath: String) throws(FileError) {
        if Foundation.rename(path, newPath) != 0 { throw .last }
    }

    package func remove(_ path: String) throws(FileError) {
        if unlink(path) != 0 { throw .last }
    }

    package func makeFolder(_ path: String) throws(FileError) {
        if mkdir(path, 0o700) != 0 { throw .last }
    }

    package func touch(_ path: String) throws(FileError) {
        if utimensat(AT_FDCWD, path, nil, 0) != 0 { throw .last }
    }

    package func names(in folder: String) throws(FileError) -> [String] {
        guard let stream = opendir(folder) else { throw .last }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix(while: { $0 != 0 }), as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        if errno != 0 { throw .last }
        return names
    }

    package func now() -> Int {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return now.nanoseconds
    }
}

extension FileStatus {
    fileprivate init(_ status: stat) {
        #if canImport(Darwin)
            let written = status.st_mtimespec
        #else
            let written = status.st_mtim
        #endif
        self.init(
            byteCount: Int(status.st_size), identity: UInt64(status.st_ino), modifiedAt: written.nanoseconds)
    }
}

extension timespec {
    /// Since 1970; wraps where no clock of a file goes.
    fileprivate var nanoseconds: Int { Int(tv_sec) &* 1_000_000_000 &+ Int(tv_nsec) }
}
