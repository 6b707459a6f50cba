import TributaryCore
import TributaryLearning

extension Dataset {
    /// The data set as it is trained on when some clients turn their labels around: their training rows have other
    /// labels, all else is as it was.
    ///
    /// - Throws: `PlanError` if labels are numbers, a class does not exist, or clients may share rows.
    func flippingLabels(
        _ flip: LabelFlip, of clients: Set<ClientID>, _ shards: any ShardSource, _ partitioning: Partitioning
    ) throws(PlanError) -> Dataset {
        guard case .classes(var labels, let classCount) = train.labels else {
            throw PlanError("faults.attack label-flip needs classes, and the labels of \(name) are numbers")
        }
        if case .one(let from, let to) = flip, max(from, to) >= classCount {
            throw PlanError("faults.attack label-flip names class \(max(from, to)), and \(name) has \(classCount)")
        }
        if case .resample = partitioning {
            throw PlanError(
                "faults.attack label-flip needs clients that share no examples; choose another data.partition than "
                    + "resample")
        }
        for client in clients {
            for row in shards.shard(of: Int(client.rawValue)).train {
                labels[Int(row)] = UInt16(flip.label(Int(labels[Int(row)]), classCount: classCount))
            }
        }
        var flipped = self
        flipped.train = Examples(
            features: train.features, labels: .classes(labels, classCount: classCount), shape: train.shape)
        return flipped
    }
}
