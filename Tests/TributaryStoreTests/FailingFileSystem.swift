import Foundation
import Synchronization
import TributaryStore

/// The machine's file system, of which some calls fail with an error number as long as that is set.
final class FailingFileSystem: FileSystem {
    enum Call { case write, synchronise, rename, remove }

    private struct State {
        var numbers: [Call: Int32] = [:]
        var openPaths: [Int32: String] = [:]
        var synchronisedPaths: [String] = []
    }

    private let posix = PosixFileSystem()
    private let state = Mutex(State())

    /// Files and folders that were brought to disk, in order.
    var synchronisedPaths: [String] { state.withLock { $0.synchronisedPaths } }

    func set(_ call: Call, _ number: Int32) { state.withLock { $0.numbers[call] = number } }
    func clear() { state.withLock { $0.numbers = [:] } }

    private func check(_ call: Call) throws(FileError) {
        if let number = state.withLock({ $0.numbers[call] }) { throw FileError(number) }
    }

    func open(_ path: String, _ mode: FileMode) throws(FileError) -> Int32 {
        let file = try posix.open(path, mode)
        state.withLock { $0.openPaths[file] = path }
        return file
    }

    func close(_ file: Int32) { posix.close(file) }

    func read(_ file: Int32, at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        try posix.read(file, at: offset, into: buffer)
    }

    func write(_ bytes: UnsafeRawBufferPointer, to file: Int32, at offset: Int) throws(FileError) -> Int {
        // A disk fills up in the middle of a write: part of it is there.
        let half = UnsafeRawBufferPointer(rebasing: bytes.prefix(bytes.count / 2))
        let isFailing = state.withLock { $0.numbers[.write] != nil }
        if isFailing, half.count > 100 { return try posix.write(half, to: file, at: offset) }
        try check(.write)
        return try posix.write(bytes, to: file, at: offset)
    }

    func truncate(_ file: Int32, to byteCount: Int) throws(FileError) { try posix.truncate(file, to: byteCount) }

    func synchronise(_ file: Int32) throws(FileError) {
        try check(.synchronise)
        try posix.synchronise(file)
        state.withLock { $0.synchronisedPaths.append($0.openPaths[file] ?? "?") }
    }

    func status(of file: Int32) throws(FileError) -> FileStatus { try posix.status(of: file) }

    func status(at path: String) throws(FileError) -> FileStatus { try posix.status(at: path) }

    func rename(_ path: String, to newPath: String) throws(FileError) {
        try check(.rename)
        try posix.rename(path, to: newPath)
    }

    func remove(_ path: String) throws(FileError) {
        try check(.remove)
        try posix.remove(path)
    }

    func makeFolder(_ path: String) throws(FileError) { try posix.makeFolder(path) }

    func touch(_ path: String) throws(FileError) { try posix.touch(path) }

    func names(in folder: String) throws(FileError) -> [String] { try posix.names(in: folder) }

    func now() -> Int { posix.now() }
}
