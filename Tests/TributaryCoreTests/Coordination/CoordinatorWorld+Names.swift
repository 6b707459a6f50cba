import TributaryCore
import TributaryMath

/// What stands for clients' updates and for models.
extension CoordinatorWorld {
    static func digest(_ number: UInt64) -> BlobDigest {
        var stream = Seed(number).derived("digest").stream()
        let bytes = (0..<32).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
        return BlobDigest(bytes: bytes) ?? { preconditionFailure("32 bytes are a digest") }()
    }

    /// The secret of the run's noise.
    static let noiseKey: NoiseKey = {
        var stream = Seed(9).derived("noise").stream()
        return NoiseKey.random(using: &stream)
    }()

    static func blob(named number: UInt64) -> TensorBlob {
        TensorBlob(digest: digest(number), byteCount: 16, encoding: .float32)
    }

    /// What a compressed update is as numbers. Two clients in three share theirs.
    static func numbers(of blob: UpdateBlob) -> TensorBlob { self.blob(named: UInt64(blob.digest.bytes[0] % 3) + 1000) }

    /// The same client's update of the same round has the same bytes.
    static func name(_ task: TaskID, _ client: ClientID) -> UInt64 {
        let seed = Seed(client.rawValue)
        let round = UInt64(task.round.rawValue)
        return task.wave.map { seed.derived("update", round, UInt64($0)).rawValue }
            ?? seed.derived("update", round).rawValue
    }

    /// What goes with an update by its task's method: as many figures as that wants, the same whenever they are made.
    static func report(for task: TaskDescription, _ client: ClientID) -> MethodReport? {
        guard let asked = task.method, let method = try? Catalogue.standard.method(asked.text) else { return nil }
        var stream = Seed(name(task.id, client)).derived("figures").stream()
        return MethodReport(form: asked.form, figures: method.form.figures.map { _ in 0.5 + stream.uniform() })
    }

    /// A stand-in for the fold: it depends on the base and on every contribution.
    static func model(from order: ModelOrder) -> TensorBlob { blob(from: order, 0) }

    /// A stand-in for what the optimiser keeps and, behind that, the method.
    static func state(from order: ModelOrder) -> [TensorBlob] {
        let count = order.step.optimiser.stateForm.vectors.count + (order.method?.method.form.server.count ?? 0)
        return (0..<count).map { blob(from: order, 1 + UInt64($0)) }
    }

    private static func blob(from order: ModelOrder, _ vector: UInt64) -> TensorBlob {
        var seed = Seed(vector)
        for digest in [order.base.digest] + order.state.map(\.digest) + (order.method?.vectors.map(\.digest) ?? [])
            + order.contributions.map(\.numbers.digest)
        {
            for byte in digest.bytes { seed = seed.derived("byte", UInt64(byte)) }
        }
        return blob(named: seed.rawValue)
    }
}
