import TributaryCore
import TributaryWire

extension Federation {
    /// The bytes of the model; what stays with clients does not travel.
    var modelBytes: Int { head.baseCount * MemoryLayout<Float>.size }

    /// What the present model takes to download: differences are made once for all clients that have the same model.
    ///
    /// - Parameter invitations: who downloads it; nil for anybody.
    func downloadSizes(for invitations: Invitations? = nil) async -> DownloadSizes {
        guard let downloads = state.downloads else { return DownloadSizes(whole: modelBytes) }
        let clients = invitations.map { $0.cohort + $0.asked }
        let held = clients?.compactMap { downloads.held[$0] } ?? Array(downloads.held.values)
        let versions = Set(held).intersection(downloads.models.keys).sorted()
        let (head, present, models, whole) = (head, head.shared(of: state.weights.values), downloads.models, modelBytes)
        let differences = await pool.map(versions.count) { index, _ in
            ModelDelta.encoded(from: head.shared(of: models[versions[index]] ?? []), to: present)?.count ?? whole
        }
        var sizes = Dictionary(uniqueKeysWithValues: zip(versions, differences))
        // Who has the model itself need not ask for it.
        sizes[state.modelVersion] = 0
        return DownloadSizes(whole: whole, differences: sizes)
    }
}
