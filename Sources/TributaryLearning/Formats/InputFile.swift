import Foundation

/// Reads a file in pieces through the C library, so that every failure has a name and a place.
struct InputFile: ~Copyable {
    /// The path as it was given, for messages.
    let path: String
    /// The number of bytes on disk.
    let byteCount: Int
    private let descriptor: Int32

    /// Opens a file for reading. A folder is refused.
    ///
    /// Opening never waits: a pipe that nobody writes to reads as empty, one with a writer (`<(command)`) is read to
    /// its end.
    init(path: String) throws(DatasetError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.failure(errno, path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let reason = errno
            close(descriptor)
            throw Self.failure(reason, path)
        }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            close(descriptor)
            throw DatasetError(.inputOutput, "\(path): is a folder, not a file")
        }
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) >= 0 else {
            let reason = errno
            close(descriptor)
            throw Self.failure(reason, path)
        }
        self.path = path
        self.byteCount = Int(status.st_size)
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Fills `buffer` with the next bytes of the file; fewer than its size only at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
        var filled = 0
        while filled < buffer.count, let base = buffer.baseAddress {
            let count = Foundation.read(descriptor, base + filled, buffer.count - filled)
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failure(errno, path)
            }
            filled += count
        }
        return filled
    }

    private static func failure(_ number: Int32, _ path: String) -> DatasetError {
        let reason = String(cString: strerror(number)).lowercased()
        return DatasetError(number == ENOENT ? .missingInput : .inputOutput, "\(path): cannot be read: \(reason)")
    }
}
