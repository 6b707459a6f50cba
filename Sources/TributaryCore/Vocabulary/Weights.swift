/// The parameters of a model: a layout and the flat vector it describes.
public struct Weights: Hashable, Sendable {
    /// The tensors and where they lie.
    public let layout: TensorLayout
    /// The parameters, `layout.count` of them.
    public var values: [Float]

    /// Weights of the given layout. `values` must have the layout's length.
    public init(layout: TensorLayout, values: [Float]) {
        precondition(values.count == layout.count, "weights of another length than their layout")
        self.layout = layout
        self.values = values
    }

    /// Weights of the given layout, all zero.
    public init(zeros layout: TensorLayout) {
        self.init(layout: layout, values: [Float](repeating: 0, count: layout.count))
    }
}
