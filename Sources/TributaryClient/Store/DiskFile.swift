import Foundation
import TributaryCore

/// An open file.
final class DiskFile {
    let path: String
    private let descriptor: Int32
    private let calls: DiskCalls

    /// Takes what `open` returned.
    init(_ path: String, _ descriptor: Int32, _ calls: DiskCalls) throws(ClientError) {
        (self.path, self.descriptor, self.calls) = (path, descriptor, calls)
        guard descriptor >= 0 else { throw ClientError(file: path, "cannot be opened") }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// The file's size in bytes.
    var byteCount: Int {
        get throws(ClientError) {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw ClientError(file: path, "cannot be read") }
            return Int(status.st_size)
        }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(ClientError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = calls.write(descriptor, UnsafeRawBufferPointer(rebasing: rest))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw ClientError(file: path, "cannot be written") }
            rest = rest.dropFirst(count)
        }
    }

    /// Fills the buffer with the bytes from `offset` on.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(ClientError) {
        var done = 0
        while done < buffer.count {
            let count = pread(
                descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw ClientError(file: path, "cannot be read") }
            guard count > 0 else {
                throw ClientError(.state, "\(path): is shorter than it was", failure: .refused)
            }
            done += count
        }
    }

    /// Waits until everything written is on disk. One kind of failure may be passed over.
    func synchronize(tolerating tolerated: Int32 = 0) throws(ClientError) {
        guard calls.synchronize(descriptor) == 0 || errno == tolerated else {
            throw ClientError(file: path, "cannot be brought to disk")
        }
    }

    /// Takes the file for this process alone, for as long as it is open; false if another has it.
    func takeLock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

    func releaseLock() { flock(descriptor, LOCK_UN) }
}

/// What is to take a file's place once it is whole. If that does not come about, it leaves no room taken.
final class DiskDraft {
    private let file: DiskFile
    private let place: String
    private let disk: Disk
    private var isPublished = false

    init(_ file: DiskFile, of place: String, _ disk: Disk) {
        (self.file, self.place, self.disk) = (file, place, disk)
    }

    deinit {
        if !isPublished { _ = disk.calls.remove(file.path) }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(ClientError) { try file.append(bytes) }

    /// Brings the bytes to disk, then gives them the file's name.
    func publish() throws(ClientError) {
        try file.synchronize()
        try disk.rename(file.path, to: place)
        isPublished = true
    }
}
