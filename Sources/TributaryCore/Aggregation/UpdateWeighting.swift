/// The weight of an update in the average.
public enum UpdateWeighting: String, CaseIterable, Hashable, Sendable {
    /// p_k = n_k / Σ n_j over the contributions (McMahan 2017).
    case examples
    /// p_k = 1 / m.
    case uniform

    /// The whole-number weight of a client with `exampleCount` examples.
    public func weight(exampleCount: Int) -> Int {
        switch self {
        case .examples: exampleCount
        case .uniform: 1
        }
    }
}
