public import TributaryCore
import TributaryLearning

/// The data of many runs, loaded once for all that share it, and let go of when the last of them has it.
///
/// Runs share shards if their plans say the same of the data and have the same seed, which deals it out. With other seeds
/// or partitions they share the examples themselves as long as those are equal, as they are in all published sets.
public struct DataPool: Sendable {
    /// What a plan's data depends on.
    private struct Key: Hashable {
        var data: Plan.Data
        var seed: UInt64

        init(_ plan: Plan) { (data, seed) = (plan.data, plan.seed) }
    }

    struct Entry {
        var shared: SharedData
        var digest: String
    }

    /// How often each will be asked for yet.
    private var uses: [Key: Int]
    private var entries: [Key: Entry] = [:]

    /// A pool for runs of these plans, each of which asks once for its data.
    public init(for plans: some Sequence<Plan>) {
        uses = Dictionary(plans.map { (Key($0), 1) }, uniquingKeysWith: +)
    }

    /// The number of data sets, dealt out, that are held for plans to come.
    package var count: Int { entries.count }

    /// A plan's data.
    ///
    /// - Throws: as `SharedData` does; then the next plan tries again.
    mutating func data(for plan: Plan) throws -> Entry {
        let key = Key(plan)
        let entry = try entries[key] ?? load(plan)
        let left = uses[key, default: 1] - 1
        uses[key] = left
        entries[key] = left > 0 ? entry : nil
        return entry
    }

    private func load(_ plan: Plan) throws -> Entry {
        var digest = ""
        let shared = try SharedData(plan) { loaded in
            digest = loaded.sha256
            let equal = entries.values.first { $0.digest == digest && $0.shared.dataset.name == loaded.name }
            return equal?.shared.dataset ?? loaded
        }
        return Entry(shared: shared, digest: digest)
    }
}
