/// The named tensors of a model and where each lies in the flat vector that holds them all.
///
/// Tensors follow one another in declaration order, row-major, without gaps. Two models agree on their meaning when
/// their layouts are equal; every update is checked against the layout of the run.
public struct TensorLayout: Hashable, Sendable {
    /// One named tensor.
    public struct Tensor: Hashable, Sendable {
        /// The tensor's name, unique in its layout (for example `dense1.weight`).
        public let name: String
        /// The extent of each dimension, outermost first.
        public let shape: [Int]
        /// Where the tensor's elements lie in the flat vector.
        public let range: Range<Int>
    }

    /// The tensors in the order in which they lie.
    public let tensors: [Tensor]
    /// The length of the flat vector.
    public let count: Int

    /// A layout of the given tensors, packed in order. Names must be unique, extents positive.
    public init(_ tensors: [(name: String, shape: [Int])]) {
        var end = 0
        self.tensors = tensors.map { name, shape in
            precondition(shape.allSatisfy { $0 > 0 }, "tensor \(name) has an empty dimension")
            let start = end
            end += shape.reduce(1, *)
            return Tensor(name: name, shape: shape, range: start..<end)
        }
        precondition(Set(tensors.map(\.name)).count == tensors.count, "tensor names must be unique")
        count = end
    }
}
