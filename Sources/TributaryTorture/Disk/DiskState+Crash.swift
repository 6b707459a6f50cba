import TributaryMath

extension DiskState {
    /// The machine stops: what nobody waited for survives in part, or not at all.
    mutating func crash() {
        counts[.crash] += 1
        isDown = true
        operationsLeft = nil
        // All and nothing are the cases that tell most, and would hardly come about change by change.
        let survival = [0, 1, stream.uniform()][stream.uniform(below: 3)]
        DiskFolder.crash(folders, survival: survival, &stream)
        readNames()
        for file in sortedFiles where file.file.isPending {
            let isDisordered = faults.disorder > 0 && file.file.pending.count > 1 && hits(faults.disorder, .disorder)
            file.file.crash(inDisorder: isDisordered, &stream)
        }
        if hits(faults.crashRot, .crashRot) { rotSomewhere() }
        closeAll()
    }

    /// A process starts, the first or after the one before has ended.
    mutating func start() {
        process += 1
        isDown = false
        operationsLeft = nil
        closeAll()
    }

    private mutating func closeAll() {
        for open in openFiles {
            if case .file(let file) = open?.node { file.openCount = 0 }
        }
        openFiles.removeAll(keepingCapacity: true)
        freeNumbers.removeAll(keepingCapacity: true)
        countBytes()
    }

    private var folders: [DiskFolder] {
        var found = [root]
        for (path, node) in paths where path.utf8.count > 1 {
            if case .folder(let folder) = node { found.append(folder) }
        }
        return found
    }

    /// Finds all paths anew, from the root on.
    private mutating func readNames() {
        paths = ["/": .folder(root), "": .folder(root)]
        var waiting = [(path: "", folder: root)]
        while let (path, folder) = waiting.popLast() {
            for (name, node) in folder.names {
                let place = "\(path)/\(name)"
                paths[place] = node
                switch node {
                case .folder(let folder): waiting.append((place, folder))
                case .file(let file): file.isNamed = true
                }
            }
        }
    }

    private var sortedFiles: [(file: DiskFile, path: String)] {
        var files: [(file: DiskFile, path: String)] = []
        for (path, node) in paths {
            if case .file(let file) = node { files.append((file, path)) }
        }
        return files.sorted { $0.file.identity < $1.file.identity }
    }

    private mutating func rotSomewhere() {
        let files = sortedFiles.filter { isRotting($0.path) && !$0.file.content.isEmpty }
        guard !files.isEmpty else { return }
        let chosen = files[stream.uniform(below: files.count)]
        chosen.file.rot(bit: stream.uniform(below: 8 * chosen.file.content.count))
        rottenPaths.insert(chosen.path)
    }
}
