public import TributaryCore

/// A run that an operator asks for.
public struct RunRequest: Hashable, Sendable {
    /// Its name.
    public var run: RunID
    /// Its plan: the path of a field → its value as text. What is left out has its default.
    public var plan: [String: String]
    /// Which clients take part.
    public var target: ClientTarget
    /// The tensors of a model that the server does not know by name; empty for one that it knows.
    public var tensors: [TensorShape]
    /// The model to start from (float32, uploaded before); nil for none.
    public var initialModel: TensorBlob?
    /// The contents of the plan's table of carbon intensities; nil without one.
    public var carbonTrace: String?

    /// A request with all its parts.
    public init(
        run: RunID, plan: [String: String], target: ClientTarget = ClientTarget(), tensors: [TensorShape] = [],
        initialModel: TensorBlob? = nil
    ) {
        self.run = run
        self.plan = plan
        self.target = target
        self.tensors = tensors
        self.initialModel = initialModel
    }

    /// Reads a request. Throws `invalid_argument`; whether the plan's fields exist and fit is left to the plan.
    public init(_ message: WireCreateRunRequest) throws(ConnectError) {
        let field = WireField.message
        run = try field["run"].run(message.run)
        plan = try field["plan"].texts(
            message.plan, limit: WireLimits.planFields, bytes: WireLimits.planFieldBytes)
        target = try ClientTarget(message.target, at: field["target"])
        tensors = try TensorShape.list(message.layout, at: field["layout"])
        carbonTrace = try field["carbon_trace"].trace(message.carbonTrace)
        guard message.hasInitialModel else { return }
        let model = try TensorBlob(message.initialModel, at: field["initial_model"])
        guard model.encoding == .float32 else {
            throw field["initial_model"]["encoding"].error("must be ENCODING_F32")
        }
        let count = tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }
        guard tensors.isEmpty || model.byteCount == 4 * count else {
            throw field["initial_model"]["size"].error(
                "is \(model.byteCount); the layout's \(count) parameters take \(4 * count) bytes")
        }
        initialModel = model
    }
}

extension WireCreateRunRequest {
    /// The request as a message.
    public init(_ request: RunRequest) {
        self.init()
        run = request.run.rawValue
        plan = request.plan
        if request.target != ClientTarget() { target = WireClientTarget(request.target) }
        layout = request.tensors.map(WireTensor.init)
        if let model = request.initialModel { initialModel = WireBlob(model) }
        carbonTrace = request.carbonTrace ?? ""
    }
}
