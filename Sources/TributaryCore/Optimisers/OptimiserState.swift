/// What a server optimiser keeps from round to round: named vectors, each as long as the model.
public struct OptimiserState: Hashable, Sendable {
    /// The name and version of its form; empty if nothing is kept.
    public let form: String
    /// The vectors' names.
    public let names: [String]
    /// The vectors, one whole vector after the other.
    public internal(set) var values: [Float]

    /// Nothing is kept.
    public static let none = OptimiserState(form: "", names: [], values: [])

    /// A state as it was stored. There must be as many values for every name.
    public init(form: String, names: [String], values: [Float]) {
        precondition(names.isEmpty ? values.isEmpty : values.count % names.count == 0, "vectors of different lengths")
        (self.form, self.names, self.values) = (form, names, values)
    }

    /// What an optimiser starts from, for a model of `parameterCount` parameters.
    public init(initial form: OptimiserStateForm, parameterCount: Int) {
        self.init(
            form: form.name, names: form.vectors.map(\.name),
            values: form.vectors.flatMap { [Float](repeating: $0.initial, count: parameterCount) })
    }

    /// Whether an optimiser of that form can go on from this, with a model of `parameterCount` parameters.
    public func fits(_ form: OptimiserStateForm, parameterCount: Int) -> Bool {
        self.form == form.name && names == form.vectors.map(\.name) && values.count == names.count * parameterCount
    }

    /// One vector by its place.
    public func vector(_ place: Int) -> ArraySlice<Float> {
        let length = values.count / names.count
        return values[place * length..<(place + 1) * length]
    }
}
