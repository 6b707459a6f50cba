package import Foundation

/// The few file operations reports need, with errors that name the file and the system's reason.
package enum FileAccess {
    /// The whole content of the file.
    package static func read(_ path: String) throws(ReportError) -> Data {
        let file = try Descriptor(path, O_RDONLY)
        var content = Data()
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Foundation.read(file.number, &chunk, chunk.count)
            if count == 0 { return content }
            if count > 0 {
                content.append(contentsOf: chunk[..<count])
            } else if errno != EINTR {
                throw failure("cannot be read", path)
            }
        }
    }

    /// Replaces the file in one step: a reader, or a restart after a crash, finds the old content or the new one. `mode`
    /// says who may read it.
    package static func replace(_ path: String, with content: Data, mode: mode_t = 0o644) throws(ReportError) {
        let draft = path + ".\(getpid()).tmp"
        do throws(ReportError) {
            try writeDurably(content, to: draft, mode)
            if rename(draft, path) != 0 { throw failure("cannot be replaced", path) }
        } catch {
            unlink(draft)
            // The person knows the file, not its draft.
            throw ReportError(error.code, path: path, error.message)
        }
        try synchroniseFolder(of: path)
    }

    /// Replaces the file in one step with what `write` appends, piece by piece. If it throws, the old file stays.
    package static func replace(
        _ path: String, appending write: (_ append: (Data) throws(ReportError) -> Void) throws -> Void
    ) throws {
        let draft = path + ".\(getpid()).tmp"
        do {
            let file = try Descriptor(draft, O_WRONLY | O_CREAT | O_TRUNC)
            try write { (piece: Data) throws(ReportError) in try file.write(piece) }
            try file.synchronise()
            if rename(draft, path) != 0 { throw failure("cannot be replaced", path) }
        } catch {
            unlink(draft)
            throw (error as? ReportError).map { ReportError($0.code, path: path, $0.message) } ?? error
        }
        try synchroniseFolder(of: path)
    }

    /// Makes the folder and those above it, on disk when this returns; does nothing if it is there. `mode` says who may
    /// enter.
    package static func makeFolder(_ path: String, mode: mode_t = 0o777) throws(ReportError) {
        let above = folder(of: path)
        if mkdir(path, mode) == 0 { return try synchroniseFolder(of: path) }
        if errno == ENOENT, above != ".", above != path {
            try makeFolder(above, mode: mode)
            if mkdir(path, mode) == 0 { return try synchroniseFolder(of: path) }
        }
        let reason = errno
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue { return }
        errno = reason
        throw failure("the folder cannot be made", path)
    }

    /// Removes the drafts that a process killed in ``replace(_:with:)`` left in a folder.
    package static func removeDrafts(in folder: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where isDraft(name) {
            unlink("\(folder)/\(name)")
        }
    }

    private static func isDraft(_ name: String) -> Bool {
        let parts = name.split(separator: ".")
        return parts.count > 2 && parts.last == "tmp" && Int(parts[parts.count - 2]) != nil
    }

    /// The folder that a path's last part lies in; `.` for a mere name.
    ///
    /// Foundation's `deletingLastPathComponent` traps on Linux (Swift 6.3) for a name of one letter.
    package static func folder(of path: String) -> String {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? path.dropLast() : path[...]
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    /// The failure of the last system call, with the reason in `errno`.
    static func failure(_ what: String, _ path: String) -> ReportError {
        ReportError(.io, path: path, "\(what): \(String(cString: strerror(errno)))")
    }

    private static func writeDurably(_ content: Data, to path: String, _ mode: mode_t) throws(ReportError) {
        let file = try Descriptor(path, O_WRONLY | O_CREAT | O_TRUNC, mode)
        try file.write(content)
        try file.synchronise()
    }

    /// A name is durable once its folder is.
    private static func synchroniseFolder(of path: String) throws(ReportError) {
        let folder = folder(of: path)
        // One that others own may have to be entered without being read; then it is theirs to look after.
        if access(folder, R_OK) != 0, errno == EACCES { return }
        try Descriptor(folder, O_RDONLY).synchronise()
    }
}

/// An open file, closed when it goes out of scope.
struct Descriptor: ~Copyable {
    let path: String
    let number: Int32

    init(_ path: String, _ flags: Int32, _ mode: mode_t = 0o644) throws(ReportError) {
        number = open(path, flags | O_CLOEXEC, mode)
        self.path = path
        if number < 0 { throw FileAccess.failure("cannot be opened", path) }
    }

    deinit {
        if number >= 0 { close(number) }
    }

    /// Writes all bytes, in one system call unless the system takes fewer.
    borrowing func write(_ content: Data) throws(ReportError) {
        var rest = content[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(number, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw FileAccess.failure("cannot be written", path)
            }
        }
    }

    /// Appends all bytes or, if that fails, none: a full disk must not leave half a line in the middle of a log.
    borrowing func append(_ content: Data) throws(ReportError) {
        let end = lseek(number, 0, SEEK_END)
        do throws(ReportError) {
            try write(content)
        } catch {
            if end >= 0 { _ = ftruncate(number, end) }
            throw error
        }
    }

    /// Waits until what was written is on the disk.
    borrowing func synchronise() throws(ReportError) {
        if fsync(number) != 0 { throw FileAccess.failure("cannot be synchronised", path) }
    }
}
