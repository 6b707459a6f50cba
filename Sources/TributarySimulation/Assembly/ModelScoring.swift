public import TributaryCore

/// Scores a model outside of any run.
public enum ModelScoring {
    /// The score of weights on the trainer's central test set; nil without one.
    public static func test<T: Trainer>(_ weights: [Float], with trainer: T) -> Score? {
        precondition(weights.count == trainer.layout.count, "weights of another length than the model")
        var workspace = trainer.makeWorkspace()
        var total = Evaluation.empty
        for chunk in 0..<trainer.testChunkCount {
            total.merge(trainer.evaluateTest(chunk: chunk, weights: weights, workspace: &workspace))
        }
        return Score(total)
    }
}
