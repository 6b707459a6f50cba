extension ModelSpec {
    /// The model of this kind that fits the data set's examples, or a reason why none does.
    public func makeModel(for dataset: Dataset) throws(ModelError) -> any Model {
        let examples = dataset.train
        switch self {
        case .softmax:
            return try classifier(hidden: [], on: dataset)
        case .linear:
            try requireNumbers(dataset)
            guard examples.classCount == nil else {
                throw unsuitable(dataset, "its labels are classes; use softmax or mlp")
            }
            return DenseNetwork.regression(inputs: examples.width, hidden: [])
        case .perceptron(let hidden):
            if examples.classCount != nil { return try classifier(hidden: hidden, on: dataset) }
            try requireNumbers(dataset)
            return DenseNetwork.regression(inputs: examples.width, hidden: hidden)
        case .convolutional, .recurrent:
            throw unsuitable(dataset, "it is not available")
        }
    }

    private func classifier(hidden: [Int], on dataset: Dataset) throws(ModelError) -> DenseNetwork {
        try requireNumbers(dataset)
        let classes = try requireClasses(dataset)
        return .classifier(inputs: dataset.train.width, hidden: hidden, classes: classes)
    }

    private func requireNumbers(_ dataset: Dataset) throws(ModelError) {
        if case .windows = dataset.train.features { throw unsuitable(dataset, "it is text; use lstm") }
    }

    private func requireClasses(_ dataset: Dataset) throws(ModelError) -> Int {
        guard let classes = dataset.train.classCount else {
            throw unsuitable(dataset, "its labels are numbers; use linear or mlp")
        }
        return classes
    }

    private func unsuitable(_ dataset: Dataset, _ reason: String) -> ModelError {
        ModelError(.unsuitableData, "model \(self) cannot train on \(dataset.name): \(reason)")
    }
}
