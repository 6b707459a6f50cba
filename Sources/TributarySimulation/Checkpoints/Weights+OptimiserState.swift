import TributaryCore

extension Weights {
    /// The model's tensors, and after them the same tensors for every vector of a state, with its name before theirs.
    func joined(with state: OptimiserState) -> Weights {
        guard state != .none else { return self }
        let model = layout.tensors.map { (name: $0.name, shape: $0.shape) }
        let more = state.names.flatMap { vector in model.map { (name: "\(vector)/\($0.name)", shape: $0.shape) } }
        return Weights(layout: TensorLayout(model + more), values: values + state.values)
    }

    /// What `joined` put together; nil if it did not, with these vectors.
    func split(named names: [String], form: String) -> (Weights, OptimiserState)? {
        let (count, rest) = layout.tensors.count.quotientAndRemainder(dividingBy: names.count + 1)
        guard count > 0, rest == 0 else { return nil }
        let model = layout.tensors[..<count]
        for (place, name) in names.enumerated() {
            let copy = layout.tensors[((place + 1) * count)...].prefix(count)
            let isCopy = zip(model, copy).allSatisfy { $1.name == "\(name)/\($0.name)" && $0.shape == $1.shape }
            guard isCopy else { return nil }
        }
        let weights = Weights(
            layout: TensorLayout(model.map { (name: $0.name, shape: $0.shape) }),
            values: Array(values[..<(values.count / (names.count + 1))]))
        let state = OptimiserState(form: form, names: names, values: Array(values[weights.values.count...]))
        return (weights, state)
    }
}
