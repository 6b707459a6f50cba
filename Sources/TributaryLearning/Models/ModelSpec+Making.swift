public import TributaryCore
public import TributaryMath

extension ModelSpec {
    /// A model that usually does well on data of this form.
    public init(fitting signature: DataSignature) {
        if signature.isText {
            self = .recurrent(layers: [256, 256])
        } else if signature.classCount == nil {
            self = .linear
        } else {
            self = signature.shape.count >= 2 ? .perceptron(hidden: [200, 200]) : .softmax
        }
    }

    /// The model of this kind that fits the data set's examples, or a reason why none does.
    public func makeModel(for dataset: Dataset) throws(ModelError) -> any Model {
        let model = try makeModel(for: dataset.signature, calledBy: dataset.name)
        if case .recurrent = self { try dataset.checkTokens() }
        return model
    }

    /// The model of this kind that fits data of the given form, or a reason why none does. Errors call the data `name`.
    public func makeModel(
        for signature: DataSignature, calledBy name: String? = nil
    ) throws(ModelError) -> any Model {
        let name = name ?? "data of the form \(signature)"
        let model = try Maker(spec: self, signature: signature, name: name).make()
        guard model.layout.count <= Self.mostParameters else {
            throw ModelError(
                .malformedSpec,
                "model \(self) on \(name) would have \(model.layout.count) parameters; the most is \(Self.mostParameters)"
            )
        }
        return model
    }

    /// The weights that a run on data of this form starts from: the same as with the data at hand.
    public func initialWeights(for signature: DataSignature, seed: Seed) throws(ModelError) -> Weights {
        let model = try makeModel(for: signature)
        return Weights(layout: model.layout, values: model.initialWeights(seed: seed))
    }

    /// A gigabyte of Float32; a mistyped width should not exhaust memory.
    private static var mostParameters: Int { 1 << 28 }
}

/// Makes the model of a spec for data of a form.
private struct Maker {
    let spec: ModelSpec
    let signature: DataSignature
    let name: String

    func make() throws(ModelError) -> any Model {
        switch spec {
        case .softmax: return try classifier(hidden: [])
        case .linear:
            try requireNumbers()
            guard signature.classCount == nil else {
                throw unsuitable("its labels are classes; use softmax or mlp")
            }
            return DenseNetwork.regression(inputs: signature.width, hidden: [])
        case .perceptron(let hidden):
            if signature.classCount != nil { return try classifier(hidden: hidden) }
            try requireNumbers()
            return DenseNetwork.regression(inputs: signature.width, hidden: hidden)
        case .convolutional: return try convolutional()
        case .recurrent(let layers): return try recurrent(layers: layers)
        }
    }

    private func classifier(hidden: [Int]) throws(ModelError) -> DenseNetwork {
        try requireNumbers()
        return .classifier(inputs: signature.width, hidden: hidden, classes: try requireClasses())
    }

    private func convolutional() throws(ModelError) -> ConvolutionalNetwork {
        try requireNumbers()
        let classes = try requireClasses()
        let shape = signature.shape
        let smallest = ConvolutionalNetwork.smallestSide
        guard (2...3).contains(shape.count), shape[0] >= smallest, shape[1] >= smallest else {
            throw unsuitable(
                "its examples have shape \(shape), not that of images of at least \(smallest)×\(smallest) pixels; use mlp"
            )
        }
        return ConvolutionalNetwork(
            height: shape[0], width: shape[1], channels: shape.count > 2 ? shape[2] : 1, classes: classes)
    }

    private func recurrent(layers: [Int]) throws(ModelError) -> CharacterLSTM {
        let classes = try requireClasses()
        guard case .tokens(let window, let vocabulary) = signature.features else {
            throw unsuitable("it is not text; use mlp or softmax")
        }
        guard window > 0 else { throw unsuitable("its windows are empty") }
        return CharacterLSTM(vocabulary: vocabulary, classes: classes, widths: layers)
    }

    private func requireNumbers() throws(ModelError) {
        if signature.isText { throw unsuitable("it is text; use lstm") }
        guard signature.width > 0 else { throw unsuitable("its examples have no features") }
    }

    private func requireClasses() throws(ModelError) -> Int {
        guard let classes = signature.classCount else { throw unsuitable("its labels are numbers; use linear or mlp") }
        guard classes > 0 else { throw unsuitable("it has no classes") }
        return classes
    }

    private func unsuitable(_ reason: String) -> ModelError {
        ModelError(.unsuitableData, "model \(spec) cannot train on \(name): \(reason)")
    }
}

extension Dataset {
    /// Checks that every token of a text is one of its vocabulary.
    fileprivate func checkTokens() throws(ModelError) {
        guard case .tokens(_, let vocabulary) = signature.features else { return }
        for table in [train, test].compactMap({ $0 }) {
            guard case .windows(let text, _) = table.features,
                let place = text.firstIndex(where: { $0 >= vocabulary })
            else { continue }
            throw ModelError(
                .inconsistentData,
                "\(name): token \(text[place]) at place \(place) is outside the vocabulary of \(vocabulary)")
        }
    }
}
