public import TributaryCore

extension ModelSpec {
    /// A trainer of this model on the shards of a data set's training table.
    public func makeTrainer(
        for dataset: Dataset, shards: any ShardSource, limits: EvaluationLimits = .none
    ) throws(ModelError) -> any PoolableTrainer {
        try Self.trainer(of: makeModel(for: dataset), dataset, shards, limits)
    }

    private static func trainer(
        of model: some Model, _ dataset: Dataset, _ shards: any ShardSource, _ limits: EvaluationLimits
    ) throws(ModelError) -> any PoolableTrainer {
        try ModelTrainer(model: model, dataset: dataset, shards: shards, limits: limits)
    }
}
