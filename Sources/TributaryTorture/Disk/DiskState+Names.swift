import Foundation
import TributaryStore

extension DiskState {
    mutating func open(_ path: String, _ mode: FileMode) throws(FileError) -> Int32 {
        if hits(faults.open, .open) { throw FileError(EMFILE) }
        let node: DiskNode
        switch paths[path] {
        case .file(let file):
            if mode == .creating { throw FileError(EEXIST) }
            if mode == .reading, isRotting(path), hits(faults.vanishing, .vanishing) {
                try vanish(path)
                throw FileError(ENOENT)
            }
            file.openCount += 1
            node = .file(file)
        case .folder(let folder):
            if mode != .reading { throw FileError(EISDIR) }
            node = .folder(folder)
        case nil:
            if mode == .reading { throw FileError(ENOENT) }
            let file = try makeFile(path)
            file.openCount = 1
            node = .file(file)
        }
        let open = OpenNode(node: node, path: path)
        if let number = freeNumbers.popLast() {
            openFiles[Int(number)] = open
            return number
        }
        openFiles.append(open)
        return Int32(openFiles.count - 1)
    }

    private mutating func makeFile(_ path: String) throws(FileError) -> DiskFile {
        if room(for: 1) == 0 {
            counts[.full] += 1
            throw FileError(ENOSPC)
        }
        let place = try place(of: path)
        let file = DiskFile(identity: nextIdentity(), at: now)
        DiskFolder.perform(NameChange(nextSequence(), new: place, node: .file(file)))
        paths[path] = .file(file)
        return file
    }

    mutating func close(_ number: Int32) {
        guard let open = try? open(number) else { return }
        openFiles[Int(number)] = nil
        freeNumbers.append(number)
        guard case .file(let file) = open.node else { return }
        file.openCount -= 1
        release(file)
    }

    mutating func makeFolder(_ path: String) throws(FileError) {
        if paths[path] != nil { throw FileError(EEXIST) }
        try checkName()
        let folder = DiskNode.folder(DiskFolder())
        DiskFolder.perform(NameChange(nextSequence(), new: try place(of: path), node: folder))
        paths[path] = folder
    }

    mutating func rename(_ path: String, to newPath: String) throws(FileError) {
        let file = try namedFile(path)
        try checkName()
        if path == newPath { return }
        if case .folder = paths[newPath] { throw FileError(EISDIR) }
        let (old, new) = (try place(of: path), try place(of: newPath))
        if case .file(let replaced) = paths[newPath] { unname(replaced) }
        DiskFolder.perform(NameChange(nextSequence(), old: old, new: new, node: .file(file)))
        paths[path] = nil
        paths[newPath] = .file(file)
    }

    mutating func remove(_ path: String) throws(FileError) {
        let file = try namedFile(path)
        try checkName()
        DiskFolder.perform(NameChange(nextSequence(), old: try place(of: path)))
        paths[path] = nil
        unname(file)
    }

    mutating func touch(_ path: String) throws(FileError) {
        let file = try namedFile(path)
        try checkName()
        file.touch(at: now)
    }

    mutating func names(in path: String) throws(FileError) -> [String] {
        switch paths[path] {
        case .folder(let folder): return Array(folder.names.keys)
        case .file: throw FileError(ENOTDIR)
        case nil: throw FileError(ENOENT)
        }
    }

    func status(at path: String) throws(FileError) -> FileStatus {
        guard let node = paths[path] else { throw FileError(ENOENT) }
        return status(of: node)
    }

    func status(of node: DiskNode) -> FileStatus {
        switch node {
        case .file(let file):
            FileStatus(byteCount: file.content.count, identity: file.identity, modifiedAt: file.modifiedAt)
        case .folder: FileStatus(byteCount: 0, identity: 0, modifiedAt: 0)
        }
    }

    private mutating func checkName() throws(FileError) {
        if hits(faults.name, .name) { throw FileError(EIO) }
    }

    private func namedFile(_ path: String) throws(FileError) -> DiskFile {
        switch paths[path] {
        case .file(let file): return file
        case .folder: throw FileError(EISDIR)
        case nil: throw FileError(ENOENT)
        }
    }

    private mutating func unname(_ file: DiskFile) {
        file.isNamed = false
        release(file)
    }

    /// A file is gone as if it had never been written.
    mutating func vanish(_ path: String) throws(FileError) {
        let (file, place) = (try namedFile(path), try place(of: path))
        place.folder.erase(file, name: place.name)
        paths[path] = nil
        unname(file)
        rottenPaths.insert(path)
    }

    func isRotting(_ path: String) -> Bool { path.hasPrefix(faults.rotPrefix) }
}
