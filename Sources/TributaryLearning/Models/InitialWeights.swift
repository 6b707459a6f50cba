import TributaryCore
import TributaryMath

/// A parameter vector being filled tensor by tensor, each from a random stream of its own.
struct InitialWeights {
    let layout: TensorLayout
    let seed: Seed
    private(set) var values: [Float]

    /// Zeros to begin with.
    init(layout: TensorLayout, seed: Seed) {
        self.layout = layout
        self.seed = seed
        values = [Float](repeating: 0, count: layout.count)
    }

    /// Fills a tensor with numbers uniform in ±`bound`.
    mutating func fill(_ tensor: Int, uniformWithin bound: Float) {
        var stream = seed.derived("initial", UInt64(tensor)).stream()
        for index in layout.tensors[tensor].range {
            values[index] = Float(2 * stream.uniform() - 1) * bound
        }
    }

    /// Fills a tensor with standard normal numbers.
    mutating func fillNormal(_ tensor: Int) {
        var stream = seed.derived("initial", UInt64(tensor)).stream()
        for index in layout.tensors[tensor].range { values[index] = Float(stream.normal()) }
    }
}
