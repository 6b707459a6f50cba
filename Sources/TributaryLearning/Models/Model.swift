public import TributaryCore
public import TributaryMath

/// A model that clients train: its parameters, and the loss and gradient of a batch.
///
/// Parameters are one flat vector that ``layout`` describes. A model holds no state of its own: whatever a pass
/// needs between its halves lives in the workspace, one per worker, so that one model value serves every thread.
/// A result must depend on the arguments alone, not on what the workspace was used for before.
///
/// To add a model, conform to this protocol and hand it to ``ModelTrainer``; plain loops over `batch.features` do.
/// Logistic regression on two features, for example:
///
/// ```swift
/// struct Logistic: Model {
///     let layout = TensorLayout([(name: "weight", shape: [2]), (name: "bias", shape: [1])])
///
///     func initialWeights(seed: Seed) -> [Float] { [0, 0, 0] }
///     func makeWorkspace() {}
///
///     func addGradient(
///         of batch: Batch, scale: Float, weights: Span<Float>, to gradient: inout MutableSpan<Float>,
///         workspace: inout Void
///     ) -> Double {
///         var loss = 0.0
///         for row in 0..<batch.count {
///             let (x, y) = (batch.features[2 * row], batch.features[2 * row + 1])
///             let margin = (batch.classes[row] == 1 ? 1 : -1) * (weights[0] * x + weights[1] * y + weights[2])
///             let slope = (batch.classes[row] == 1 ? -1 : 1) / (1 + exp(margin)) * scale
///             loss += Double(log1p(exp(-margin)))
///             gradient[0] += slope * x
///             gradient[1] += slope * y
///             gradient[2] += slope
///         }
///         return loss
///     }
///     // … and `evaluate`, which returns an `Evaluation`.
/// }
/// ```
public protocol Model: Sendable {
    /// Buffers that one worker keeps between calls.
    associatedtype Workspace

    /// The tensors of the model.
    var layout: TensorLayout { get }

    /// The most examples that one training pass takes; larger batches are cut into passes whose gradients add up.
    var batchLimit: Int { get }

    /// The examples that one evaluation pass takes.
    var evaluationBatch: Int { get }

    /// Parameters to start from, `layout.count` of them.
    func initialWeights(seed: Seed) -> [Float]

    /// Buffers for one worker.
    func makeWorkspace() -> Workspace

    /// Adds `scale` times the gradient of the batch's summed loss to `gradient`, and returns the summed loss.
    func addGradient(
        of batch: Batch, scale: Float, weights: Span<Float>, to gradient: inout MutableSpan<Float>,
        workspace: inout Workspace
    ) -> Double

    /// Adds `scale` times the gradient of the batch's summed loss to the weights themselves, and returns the summed
    /// loss at the weights before; or does nothing and returns nil.
    ///
    /// An optional refinement: a plain SGD step is this with scale −η/B. A model that is done with a tensor before
    /// it changes it saves the gradient buffer, and with it most of a step's memory traffic.
    func addGradientInPlace(
        of batch: Batch, scale: Float, weights: inout MutableSpan<Float>, workspace: inout Workspace
    ) -> Double?

    /// Scores a batch.
    func evaluate(_ batch: Batch, weights: Span<Float>, workspace: inout Workspace) -> Evaluation
}

extension Model {
    /// 64 examples.
    public var batchLimit: Int { 64 }

    /// As many as a training pass.
    public var evaluationBatch: Int { batchLimit }

    /// Not available: the solver uses a gradient buffer.
    public func addGradientInPlace(
        of batch: Batch, scale: Float, weights: inout MutableSpan<Float>, workspace: inout Workspace
    ) -> Double? { nil }
}
