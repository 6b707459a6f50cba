package import TributaryCore
package import TributaryStore

/// Scores models on a test set that the operator has. The server itself knows nothing of data and of models' insides.
package protocol ModelScorer: Sendable {
    /// The test set that models of such a run are scored on; nil if there is none.
    func testSet(for plan: Plan) -> RunRecord.TestSet?

    /// Scores a model. Blocks the calling thread.
    func score(_ model: TensorBlob, of run: RunRow, in store: any BlobStore) throws -> Score?
}

/// Makes models that plans call by name.
package protocol ModelLibrary: Sendable {
    /// The model of a plan's name for data of the given form (empty: not said), as it is before the first round. Blocks the
    /// calling thread.
    func model(for plan: Plan, dataSignature: String) throws(PlanError) -> InitialWeights
}

/// A model before its first round.
package struct InitialWeights: Sendable {
    /// The model as the plan is to name it from now on, for example `mlp:200,200` for `auto`.
    package var name: String
    /// Its tensors.
    package var tensors: [TensorShape]
    /// Its parameters, tensor after tensor.
    package var values: [Float]

    package init(name: String, tensors: [TensorShape], values: [Float]) {
        (self.name, self.tensors, self.values) = (name, tensors, values)
    }
}
