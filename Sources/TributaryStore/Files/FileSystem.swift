/// What the stores ask of the disk: the calls of a file system, no more than they need.
///
/// Whatever stands behind it, everything above is the same code: a real disk, one that fails in a test, one in memory
/// that a simulation lets crash. All calls block, may come from any thread, and fail with the number of a POSIX error.
/// None of them is ever interrupted by a signal.
package protocol FileSystem: Sendable {
    /// Opens a file, or a folder for ``FileMode/reading``; returns the number by which it is called from then on.
    func open(_ path: String, _ mode: FileMode) throws(FileError) -> Int32

    /// Gives an open file back.
    func close(_ file: Int32)

    /// Reads bytes at a place; returns how many, which may be fewer than there is room for, and 0 at the file's end.
    func read(_ file: Int32, at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int

    /// Writes bytes at a place; returns how many, which may be fewer.
    func write(_ bytes: UnsafeRawBufferPointer, to file: Int32, at offset: Int) throws(FileError) -> Int

    /// Cuts a file off.
    func truncate(_ file: Int32, to byteCount: Int) throws(FileError)

    /// Returns when the content of a file, or the names in a folder, survive a crash of the machine. After a failure
    /// nobody knows what does, and a second call proves nothing.
    func synchronise(_ file: Int32) throws(FileError)

    /// What is known of an open file.
    func status(of file: Int32) throws(FileError) -> FileStatus

    /// What is known of the file or folder with a name.
    func status(at path: String) throws(FileError) -> FileStatus

    /// Gives a file another name, in place of the file that had it.
    func rename(_ path: String, to newPath: String) throws(FileError)

    /// Removes a file's name, and the file when it is not open any more.
    func remove(_ path: String) throws(FileError)

    /// Makes a folder.
    func makeFolder(_ path: String) throws(FileError)

    /// Lets a file count as written now.
    func touch(_ path: String) throws(FileError)

    /// The names in a folder, in any order.
    func names(in folder: String) throws(FileError) -> [String]

    /// The time by the clock of ``FileStatus/modifiedAt``.
    func now() -> Int
}

/// What a file is opened for.
package enum FileMode: Hashable, Sendable {
    /// A file or folder that is there.
    case reading
    /// Reading and writing a file that is made if it is not there.
    case writing
    /// Reading and writing a file that is not there yet.
    case creating
}

/// What a file system knows of a file.
package struct FileStatus: Hashable, Sendable {
    /// Its size in bytes.
    package var byteCount: Int
    /// Its number on its disk: another file of the same name has another.
    package var identity: UInt64
    /// When it was last written, in nanoseconds by the file system's clock.
    package var modifiedAt: Int

    package init(byteCount: Int, identity: UInt64, modifiedAt: Int) {
        (self.byteCount, self.identity, self.modifiedAt) = (byteCount, identity, modifiedAt)
    }
}
