import Foundation
import TributaryMath
import TributaryStore

/// All that a simulated disk is. Operations are in extensions.
///
/// Unchecked: its files and folders are reached through it alone, and it is reached under one lock.
struct DiskState: @unchecked Sendable {
    var stream: RandomStream
    var faults = DiskFaults()
    var counts = DiskCounts()
    /// Nanoseconds.
    var now = 0
    var capacity = Int.max
    /// Bytes in files that have a name or are open.
    private(set) var used = 0
    /// How long callers have waited for the disk since they were last asked.
    var delay = Duration.zero
    /// Counts the processes: calls of an earlier one fail.
    var process = 0
    /// Whether no process runs.
    var isDown = false
    /// Operations after which the process ends; nil if it goes on.
    var operationsLeft: Int?
    /// Paths where files rotted, vanished or were misread.
    var rottenPaths: Set<String> = []

    let root = DiskFolder()
    /// What every path stands for, as processes see it.
    var paths: [String: DiskNode]
    var openFiles: [OpenNode?] = []
    var freeNumbers: [Int32] = []
    private var identityCount: UInt64 = 0
    private var sequence = 0

    /// A file or folder that a process has open.
    struct OpenNode {
        var node: DiskNode
        var path: String
    }

    init(_ stream: RandomStream) {
        self.stream = stream
        paths = ["/": .folder(root), "": .folder(root)]
    }

    /// Every operation of a process begins here.
    mutating func begin(_ process: Int) throws(FileError) {
        guard process == self.process, !isDown else { throw .dead }
        if operationsLeft == 0 {
            isDown = true
            counts[.death] += 1
            throw .dead
        }
        operationsLeft = operationsLeft.map { $0 - 1 }
        counts.operations += 1
    }

    /// Whether a fault happens now.
    mutating func hits(_ probability: Double, _ fault: DiskFault) -> Bool {
        guard probability > 0, stream.bernoulli(probability) else { return false }
        counts[fault] += 1
        return true
    }

    mutating func nextIdentity() -> UInt64 {
        identityCount += 1
        return identityCount
    }

    mutating func nextSequence() -> Int {
        sequence += 1
        return sequence
    }

    /// The folder that a path is in, and the path's name there.
    func place(of path: String) throws(FileError) -> NameChange.Place {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { throw FileError(ENOENT) }
        switch paths[String(path[..<slash])] {
        case .folder(let folder): return .init(folder: folder, name: String(path[path.index(after: slash)...]))
        case .file: throw FileError(ENOTDIR)
        case nil: throw FileError(ENOENT)
        }
    }

    func open(_ number: Int32) throws(FileError) -> OpenNode {
        guard openFiles.indices.contains(Int(number)), let open = openFiles[Int(number)] else { throw FileError(EBADF) }
        return open
    }

    func file(_ number: Int32) throws(FileError) -> DiskFile {
        guard case .file(let file) = try open(number).node else { throw FileError(EISDIR) }
        return file
    }

    /// Room for so many bytes more; fewer if there are fewer.
    func room(for byteCount: Int) -> Int { min(byteCount, max(0, capacity - used)) }

    mutating func change(_ file: DiskFile, _ change: ContentChange) {
        let before = file.content.count
        file.change(change, at: now)
        used += file.content.count - before
    }

    /// Notes that a file has lost its name or was closed.
    mutating func release(_ file: DiskFile) {
        if !file.isNamed, file.openCount == 0 { used -= file.content.count }
    }

    /// Counts the bytes anew after everything was closed.
    mutating func countBytes() {
        used = paths.values.reduce(0) { sum, node in
            if case .file(let file) = node { sum + file.content.count } else { sum }
        }
    }
}

extension FileError {
    /// The process is no more.
    static var dead: FileError { FileError(EIO) }
}
