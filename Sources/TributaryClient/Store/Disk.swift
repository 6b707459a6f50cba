import Foundation
import TributaryCore

/// Files that only their owner may read, written and read without surprises: whatever fails is named, and what was done is
/// on disk afterwards, names included.
struct Disk: Sendable {
    let calls: DiskCalls

    /// Opens a file to read it; nil if it is not there.
    func open(_ path: String) throws(ClientError) -> DiskFile? {
        let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return nil }
        return try DiskFile(path, descriptor, calls)
    }

    /// Opens a file that is only there to be locked.
    func openLock(_ path: String) throws(ClientError) -> DiskFile {
        try DiskFile(path, Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600), calls)
    }

    /// Begins what is to take a file's place.
    func makeDraft(of path: String) throws(ClientError) -> DiskDraft {
        let next = path + ".next"
        let descriptor = Foundation.open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        return DiskDraft(try DiskFile(next, descriptor, calls), of: path, self)
    }

    /// Puts a file in the place of another.
    func rename(_ old: String, to new: String) throws(ClientError) {
        guard calls.rename(old, new) == 0 else { throw ClientError(file: new, "cannot be written") }
        try synchronizeFolder(of: new)
    }

    /// Removes those files of one folder that are there, in their order.
    func remove(_ paths: [String]) throws(ClientError) {
        var removed: String?
        for path in paths {
            if calls.remove(path) == 0 {
                removed = path
            } else if errno != ENOENT {
                throw ClientError(file: path, "cannot be removed")
            }
        }
        if let removed { try synchronizeFolder(of: removed) }
    }

    /// Makes a folder that only its owner may enter, and those around it that are missing.
    func makeFolder(_ path: String) throws(ClientError) {
        let parent = Self.folder(of: path)
        var result = calls.makeFolder(path)
        if result != 0, errno == ENOENT, parent != path {
            try makeFolder(parent)
            result = calls.makeFolder(path)
        }
        guard result == 0 || errno == EEXIST else { throw ClientError(file: path, "the folder cannot be made") }
        // Also if it was there: whoever made it may not have lived to see its name on disk.
        try synchronizeFolder(of: path)
    }

    /// Waits until the names in a file's folder are on disk.
    private func synchronizeFolder(of path: String) throws(ClientError) {
        let folder = Self.folder(of: path)
        let descriptor = Foundation.open(folder, O_RDONLY | O_CLOEXEC)
        // One that others own may have to be entered without being read; then it is theirs to look after.
        if descriptor < 0, errno == EACCES { return }
        // Some file systems bring names to disk by themselves, and know no other way.
        try DiskFile(folder, descriptor, calls).synchronize(tolerating: EINVAL)
    }

    /// The folder that a path's last part lies in; `.` for a mere name.
    private static func folder(of path: String) -> String {
        var rest = path[...]
        while rest.count > 1, rest.last == "/" { rest = rest.dropLast() }
        guard let slash = rest.lastIndex(of: "/") else { return "." }
        return slash == rest.startIndex ? "/" : String(rest[..<slash])
    }
}

extension ClientError {
    /// A system call about a file failed, with the reason in `errno`. It may work later.
    init(file path: String, _ what: String) {
        let number = errno
        let advice =
            switch number {
            case ENOSPC, EDQUOT: "; make room on the disk"
            case EACCES, EPERM, EROFS, ENOTDIR: "; choose a state folder that this user can write"
            default: ""
            }
        self.init(
            .state, "\(path): \(what): \(String(cString: strerror(number)).lowercased())\(advice)",
            failure: .transient(nil))
    }
}
