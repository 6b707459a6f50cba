import TributaryCore

/// What a client goes on from in a run, in files: what methods have it remember and what it has for itself, by the round whose
/// update came with it. There are two of a run at most: what the client went on from last, and what it made of that.
struct MethodMemoryFiles {
    private let files: RunFiles
    private let disk: Disk

    init(folder: String, disk: Disk) {
        self.disk = disk
        files = RunFiles(folder: folder, disk: disk, prefix: "memory-")
    }

    private func file(_ run: RunID, _ round: RoundNumber) -> NumberFile {
        NumberFile(path: files.path(run, round), disk: disk, mark: "tributary-memory 1 ")
    }

    /// What a client remembers since its update of a round; nil if it is not there.
    func read(_ run: RunID, since round: RoundNumber) throws -> [Float]? { try file(run, round).read() }

    /// Keeps what goes with the update of a round, beside that of the round it was made from. All else of the run is forgotten.
    func keep(_ memory: [Float], of run: RunID, in round: RoundNumber, beside base: RoundNumber?) throws {
        try file(run, round).write(memory)
        // The new file is on disk before anything of the run goes.
        try files.keepOnly(Set([round, base].compactMap { $0.map { file(run, $0).path } }), of: run)
    }
}
