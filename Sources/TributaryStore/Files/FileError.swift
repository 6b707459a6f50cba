import Foundation

/// Why a file system did not do what it was asked to: the number of a POSIX error.
package struct FileError: Error, Hashable, Sendable {
    /// The number, for example `ENOSPC`.
    package let number: Int32

    package init(_ number: Int32) {
        self.number = number
    }

    /// The failure of the call that was just made.
    static var last: FileError { FileError(errno) }

    /// A write that took no bytes and gave no reason.
    static var nothingWritten: FileError { FileError(EIO) }

    /// Whether it is that there is no such file.
    package var isMissing: Bool { number == ENOENT }

    /// Whether it is that such a file is there already.
    package var isPresent: Bool { number == EEXIST }
}

extension StoreError {
    /// The failure of a file operation.
    package static func file(_ path: String, _ trouble: String, _ error: FileError) -> StoreError {
        let reason = String(cString: strerror(error.number)).lowercased()
        let isFull = error.number == ENOSPC || error.number == EDQUOT
        let advice = isFull ? "; make room on the disk, then try again" : ""
        return StoreError(isFull ? .full : .io, "\(path): \(trouble): \(reason)\(advice)")
    }
}
