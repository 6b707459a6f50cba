public import TributaryCore

extension TensorShape {
    /// Reads a model's tensors: at most 10,000 with unique names of at most 200 bytes, at most 8 dimensions with
    /// positive extents each, and 2³¹ parameters together. Throws `invalid_argument`.
    public static func list(_ messages: [WireTensor]) throws(ConnectError) -> [TensorShape] {
        try list(messages, at: .message["layout"])
    }

    static func list(_ messages: [WireTensor], at field: WireField) throws(ConnectError) -> [TensorShape] {
        guard messages.count <= WireLimits.tensors else {
            throw field.error("has \(messages.count) tensors; must have \(WireLimits.tensors) at most")
        }
        var shapes: [TensorShape] = []
        shapes.reserveCapacity(messages.count)
        var names: Set<String> = []
        var placesLeft = WireLimits.parameters
        for (index, message) in messages.enumerated() {
            let tensor = try TensorShape(message, atMost: &placesLeft, at: field[index])
            guard names.insert(tensor.name).inserted else {
                throw field[index]["name"].error("is another tensor's too: \(ConnectCoding.quotable(tensor.name))")
            }
            shapes.append(tensor)
        }
        return shapes
    }

    /// Reads a tensor, and takes its parameters off those that are left.
    private init(_ message: WireTensor, atMost placesLeft: inout Int, at field: WireField) throws(ConnectError) {
        let name = try field["name"].text(message.name, bytes: 1...WireLimits.tensorNameBytes)
        // Model files keep their own remarks under this name.
        guard name != "__metadata__" else { throw field["name"].error("no tensor can be called __metadata__") }
        let shapeField = field["shape"]
        guard message.shape.count <= WireLimits.dimensions else {
            throw shapeField.error(
                "has \(message.shape.count) dimensions; must have \(WireLimits.dimensions) at most")
        }
        var shape: [Int] = []
        var count = 1
        for extent in message.shape {
            let extent = try shapeField.count(extent, in: 1...WireLimits.parameters)
            shape.append(extent)
            // Both are 2³¹ at most, so the product is in range.
            count *= extent
            guard count <= placesLeft else {
                throw shapeField.error("takes the model beyond \(WireLimits.parameters) parameters")
            }
        }
        guard count <= placesLeft else {
            throw shapeField.error("takes the model beyond \(WireLimits.parameters) parameters")
        }
        placesLeft -= count
        self.init(name: name, shape: shape)
    }
}

extension TensorLayout {
    /// Reads a model's tensors, with the limits of `TensorShape.list`. Throws `invalid_argument`.
    public init(_ messages: [WireTensor]) throws(ConnectError) {
        try self.init(messages, at: .message["layout"])
    }

    init(_ messages: [WireTensor], at field: WireField) throws(ConnectError) {
        let shapes = try TensorShape.list(messages, at: field)
        self.init(shapes.map { (name: $0.name, shape: $0.shape) })
    }

    /// The tensors as messages.
    public var messages: [WireTensor] {
        tensors.map { WireTensor(TensorShape(name: $0.name, shape: $0.shape)) }
    }
}

extension WireTensor {
    /// A tensor as a message.
    public init(_ tensor: TensorShape) {
        self.init()
        name = tensor.name
        shape = tensor.shape.map { UInt64(clamping: $0) }
    }
}
