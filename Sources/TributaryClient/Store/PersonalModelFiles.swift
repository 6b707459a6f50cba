import TributaryCore

/// Clients' own models as apps use them, in files: of each run the one that is in use, named by its round, and beside them the one
/// that comes into use once the result on its way is accepted.
struct PersonalModelFiles {
    private let files: RunFiles
    private let disk: Disk
    let pendingPath: String

    init(folder: String, disk: Disk) {
        self.disk = disk
        files = RunFiles(folder: folder, disk: disk, prefix: "own-")
        pendingPath = "\(folder)/own"
    }

    private func file(_ path: String) -> NumberFile { NumberFile(path: path, disk: disk, mark: "tributary-own 1 ") }

    /// Keeps a model for the case that the result that is kept next is accepted.
    func keepPending(_ weights: [Float]) throws { try file(pendingPath).write(weights) }

    /// The result was accepted. That may have been said before.
    func commit(_ run: RunID, _ round: RoundNumber) throws {
        guard try disk.open(pendingPath) != nil else { return }
        let path = files.path(run, round)
        try disk.rename(pendingPath, to: path)
        try files.keepOnly([path], of: run)
    }

    /// Keeps a model in place of that which was in use.
    func keep(_ model: PersonalModel, of run: RunID) throws {
        let path = files.path(run, model.round)
        try file(path).write(model.weights)
        try files.keepOnly([path], of: run)
    }

    /// The model of a run; nil if there is none. The client may be at work: a file that goes while it is looked for has another in
    /// its place.
    func read(_ run: RunID) throws -> PersonalModel? {
        for _ in 0..<3 {
            let paths = try files.paths(of: run)
            if paths.isEmpty { return nil }
            let found = paths.compactMap { path in files.round(of: path).map { (path: path, round: $0) } }
            for (path, round) in found.sorted(by: { $0.round > $1.round }) {
                if let weights = try file(path).read() { return PersonalModel(weights: weights, round: round) }
            }
        }
        return nil
    }
}
