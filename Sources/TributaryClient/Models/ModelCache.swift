public import TributaryCore

/// Models that clients in one process share: many ask, one fetches, all read the same numbers.
///
/// The least recently used go first when the limit is reached. A client that waits for another's download goes as fast
/// as that one.
public actor ModelCache {
    private let byteLimit: Int
    private var models: [(digest: BlobDigest, weights: [Float])] = []
    private var underWay: [BlobDigest: StopSignal] = [:]
    /// The last model that was used for each run, where it is still there.
    private var latest: [RunID: BlobDigest] = [:]

    /// A cache of models of so many bytes in all, as numbers in memory. The newest stays even if it is larger.
    public init(byteLimit: Int) {
        self.byteLimit = byteLimit
    }

    /// The model's weights: those that are there, or else what `download` gives.
    public func weights(
        of digest: BlobDigest, download: @Sendable () async throws -> [Float]
    ) async throws -> [Float] {
        while true {
            try Task.checkCancellation()
            if let found = use(digest) { return found }
            if let other = underWay[digest] {
                await other.wait()
                continue
            }
            let signal = StopSignal()
            underWay[digest] = signal
            defer {
                underWay[digest] = nil
                signal.raise()
            }
            let weights = try await download()
            keep(digest, weights)
            return weights
        }
    }

    /// The last model of a run, if it is still there.
    func former(of run: RunID) -> FormerModel? {
        guard let digest = latest[run], let model = models.first(where: { $0.digest == digest }) else { return nil }
        return FormerModel(digest: digest, weights: model.weights)
    }

    /// A model was used for a run.
    func used(_ digest: BlobDigest, for run: RunID) {
        // Others may have made room already.
        guard models.contains(where: { $0.digest == digest }) else { return }
        latest[run] = digest
    }

    private func use(_ digest: BlobDigest) -> [Float]? {
        guard let place = models.firstIndex(where: { $0.digest == digest }) else { return nil }
        let model = models.remove(at: place)
        models.append(model)
        return model.weights
    }

    /// Takes a model out, if it is there.
    func take(_ digest: BlobDigest) -> [Float]? {
        guard let place = models.firstIndex(where: { $0.digest == digest }) else { return nil }
        latest = latest.filter { $0.value != digest }
        return models.remove(at: place).weights
    }

    /// Puts a model in, and makes room for it.
    func keep(_ digest: BlobDigest, _ weights: [Float]) {
        models.append((digest, weights))
        var total = models.reduce(0) { $0 + 4 * $1.weights.count }
        while models.count > 1, total > byteLimit {
            let oldest = models.removeFirst()
            total -= 4 * oldest.weights.count
            latest = latest.filter { $0.value != oldest.digest }
        }
    }
}
