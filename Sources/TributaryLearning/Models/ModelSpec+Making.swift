import TributaryCore

extension ModelSpec {
    /// The model of this kind that fits the data set's examples, or a reason why none does.
    public func makeModel(for dataset: Dataset) throws(ModelError) -> any Model {
        let model = try makeUnboundedModel(for: dataset)
        guard model.layout.count <= Self.mostParameters else {
            throw ModelError(
                .malformedSpec,
                "model \(self) on \(dataset.name) would have \(model.layout.count) parameters; the most is \(Self.mostParameters)"
            )
        }
        return model
    }

    /// A gigabyte of Float32; a mistyped width should not exhaust memory.
    private static var mostParameters: Int { 1 << 28 }

    private func makeUnboundedModel(for dataset: Dataset) throws(ModelError) -> any Model {
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
        case .convolutional:
            return try convolutional(on: dataset)
        case .recurrent(let layers):
            return try recurrent(layers: layers, on: dataset)
        }
    }

    private func classifier(hidden: [Int], on dataset: Dataset) throws(ModelError) -> DenseNetwork {
        try requireNumbers(dataset)
        let classes = try requireClasses(dataset)
        return .classifier(inputs: dataset.train.width, hidden: hidden, classes: classes)
    }

    private func convolutional(on dataset: Dataset) throws(ModelError) -> ConvolutionalNetwork {
        try requireNumbers(dataset)
        let classes = try requireClasses(dataset)
        let shape = dataset.train.shape
        let smallest = ConvolutionalNetwork.smallestSide
        guard (2...3).contains(shape.count), shape[0] >= smallest, shape[1] >= smallest else {
            throw unsuitable(
                dataset,
                "its examples have shape \(shape), not that of images of at least \(smallest)×\(smallest) pixels; use mlp"
            )
        }
        return ConvolutionalNetwork(
            height: shape[0], width: shape[1], channels: shape.count > 2 ? shape[2] : 1, classes: classes)
    }

    private func recurrent(layers: [Int], on dataset: Dataset) throws(ModelError) -> CharacterLSTM {
        let classes = try requireClasses(dataset)
        guard dataset.train.features.isText else { throw unsuitable(dataset, "it is not text; use mlp or softmax") }
        guard dataset.train.width > 0 else { throw unsuitable(dataset, "its windows are empty") }
        let vocabulary = dataset.vocabulary.isEmpty ? classes : dataset.vocabulary.count
        for table in [dataset.train, dataset.test].compactMap({ $0 }) {
            guard case .windows(let text, _) = table.features,
                let place = text.firstIndex(where: { $0 >= vocabulary })
            else { continue }
            throw ModelError(
                .inconsistentData,
                "\(dataset.name): token \(text[place]) at place \(place) is outside the vocabulary of \(vocabulary)")
        }
        return CharacterLSTM(vocabulary: vocabulary, classes: classes, widths: layers)
    }

    private func requireNumbers(_ dataset: Dataset) throws(ModelError) {
        if case .windows = dataset.train.features { throw unsuitable(dataset, "it is text; use lstm") }
        guard dataset.train.width > 0 else { throw unsuitable(dataset, "its examples have no features") }
    }

    private func requireClasses(_ dataset: Dataset) throws(ModelError) -> Int {
        guard let classes = dataset.train.classCount else {
            throw unsuitable(dataset, "its labels are numbers; use linear or mlp")
        }
        guard classes > 0 else { throw unsuitable(dataset, "it has no classes") }
        return classes
    }

    private func unsuitable(_ dataset: Dataset, _ reason: String) -> ModelError {
        ModelError(.unsuitableData, "model \(self) cannot train on \(dataset.name): \(reason)")
    }
}
