import Foundation

/// An open file or folder, closed when nobody holds it any more.
final class OpenFile: Sendable {
    let path: String
    let number: Int32

    /// Opens the file; nil if it is not there and is not to be made.
    init?(_ path: String, _ flags: Int32) throws(StoreError) {
        let number = open(path, flags | O_CLOEXEC, 0o600)
        if number < 0 {
            if errno == ENOENT, flags & O_CREAT == 0 { return nil }
            throw .file(path, "cannot be opened")
        }
        self.path = path
        self.number = number
    }

    deinit {
        close(number)
    }

    /// Its size in bytes.
    func byteCount() throws(StoreError) -> Int {
        var status = stat()
        if fstat(number, &status) != 0 { throw .file(path, "its size cannot be read") }
        return Int(status.st_size)
    }

    /// Its number on its disk: another file of the same name has another.
    func identity() throws(StoreError) -> UInt64 {
        var status = stat()
        if fstat(number, &status) != 0 { throw .file(path, "cannot be examined") }
        return UInt64(status.st_ino)
    }

    /// Reads at a place until the buffer is full or the file ends; returns how many bytes it read.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = pread(number, rest.baseAddress, rest.count, off_t(offset + done))
            if count == 0 { break }
            if count > 0 {
                done += count
            } else if errno != EINTR {
                throw .file(path, "cannot be read")
            }
        }
        return done
    }

    /// Hands out the first `byteCount` bytes in order, in pieces; throws `.damaged` if there are fewer.
    func forEachPiece(
        upTo byteCount: Int, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(StoreError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { buffer.deallocate() }
        var offset = 0
        while offset < byteCount {
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, byteCount - offset)])
            guard try read(at: offset, into: piece) == piece.count else {
                throw StoreError(.damaged, "\(path): it ends before its \(byteCount) bytes")
            }
            body(UnsafeRawBufferPointer(piece))
            offset += piece.count
        }
    }

    /// Writes all the bytes at a place. After a failure the file ends where they began.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int, with calls: FileCalls) throws(StoreError) {
        var done = 0
        while done < bytes.count {
            let count = calls.write(number, UnsafeRawBufferPointer(rebasing: bytes[done...]), offset + done)
            if count > 0 {
                done += count
            } else if count == 0 || errno != EINTR {
                if count == 0 { errno = EIO }
                let failure = StoreError.file(path, "cannot be written")
                _ = ftruncate(number, off_t(offset))
                throw failure
            }
        }
    }

    /// Cuts the file off.
    func truncate(to byteCount: Int) throws(StoreError) {
        if ftruncate(number, off_t(byteCount)) != 0 { throw .file(path, "cannot be shortened") }
    }

    /// Returns when the content is on disk.
    func synchronise(with calls: FileCalls) throws(StoreError) {
        while calls.synchronise(number) != 0 {
            if errno != EINTR { throw .file(path, "cannot be brought to disk") }
        }
    }
}
