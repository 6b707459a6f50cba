public import TributaryCore

extension ModelSpec {
    /// A trainer of this model on the shards of a data set's training table.
    public func makeTrainer(for dataset: Dataset, shards: any ShardSource) throws(ModelError) -> any PoolableTrainer {
        try Self.trainer(of: makeModel(for: dataset), dataset: dataset, shards: shards)
    }

    private static func trainer(
        of model: some Model, dataset: Dataset, shards: any ShardSource
    ) throws(ModelError) -> any PoolableTrainer {
        try ModelTrainer(model: model, dataset: dataset, shards: shards)
    }
}
