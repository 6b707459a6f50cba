import Synchronization
package import TributaryStore

/// A simulated disk as one process sees it.
package struct MountedDisk: FileSystem {
    let disk: SimulatedDisk
    let process: Int

    private func perform<Result: Sendable>(
        _ body: (inout DiskState) throws(FileError) -> Result
    ) throws(FileError) -> Result {
        try disk.state.withLock { state throws(FileError) in
            try state.begin(process)
            return try body(&state)
        }
    }

    package func open(_ path: String, _ mode: FileMode) throws(FileError) -> Int32 {
        try perform { state throws(FileError) in try state.open(path, mode) }
    }

    package func close(_ file: Int32) {
        disk.state.withLock { state in
            if state.process == process, !state.isDown { state.close(file) }
        }
    }

    package func read(
        _ file: Int32, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(FileError) -> Int {
        try perform { state throws(FileError) in try state.read(file, at: offset, into: buffer) }
    }

    package func write(_ bytes: UnsafeRawBufferPointer, to file: Int32, at offset: Int) throws(FileError) -> Int {
        try disk.state.withLock { state throws(FileError) in
            let wasDown = state.isDown
            do throws(FileError) {
                try state.begin(process)
            } catch {
                if state.isDown, !wasDown { state.tear(bytes, to: file, at: offset) }
                throw error
            }
            return try state.write(bytes, to: file, at: offset)
        }
    }

    package func truncate(_ file: Int32, to byteCount: Int) throws(FileError) {
        try perform { state throws(FileError) in try state.truncate(file, to: byteCount) }
    }

    package func synchronise(_ file: Int32) throws(FileError) {
        try perform { state throws(FileError) in try state.synchronise(file) }
    }

    package func status(of file: Int32) throws(FileError) -> FileStatus {
        try perform { state throws(FileError) in state.status(of: try state.open(file).node) }
    }

    package func status(at path: String) throws(FileError) -> FileStatus {
        try perform { state throws(FileError) in try state.status(at: path) }
    }

    package func rename(_ path: String, to newPath: String) throws(FileError) {
        try perform { state throws(FileError) in try state.rename(path, to: newPath) }
    }

    package func remove(_ path: String) throws(FileError) {
        try perform { state throws(FileError) in try state.remove(path) }
    }

    package func makeFolder(_ path: String) throws(FileError) {
        try perform { state throws(FileError) in try state.makeFolder(path) }
    }

    package func touch(_ path: String) throws(FileError) {
        try perform { state throws(FileError) in try state.touch(path) }
    }

    package func names(in folder: String) throws(FileError) -> [String] {
        try perform { state throws(FileError) in try state.names(in: folder) }
    }

    package func now() -> Int { disk.state.withLock { $0.now } }
}
