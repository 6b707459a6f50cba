import TributaryCore
import TributaryLearning
import TributaryMath
import TributaryServer

/// The shipped models, made for the form of the clients' data before any of it is seen.
struct NamedModels: ModelLibrary {
    func model(for plan: Plan, dataSignature: String) throws(PlanError) -> InitialWeights {
        guard let signature = DataSignature(dataSignature) else {
            let said = dataSignature.isEmpty ? "none is given" : "'\(dataSignature)' is not one"
            throw PlanError(
                "model \(plan.model) is made to fit the form of the clients' data, and \(said); give --data-signature, "
                    + "for example 'u8[28,28] -> 10 classes' (tributary join prints that of its data)")
        }
        do {
            let spec = plan.model == "auto" ? ModelSpec(fitting: signature) : try ModelSpec(parsing: plan.model)
            let weights = try spec.initialWeights(for: signature, seed: Seed(plan.seed).derived("initial-weights"))
            return InitialWeights(
                name: spec.description,
                tensors: weights.layout.tensors.map { TensorShape(name: $0.name, shape: $0.shape) },
                values: weights.values)
        } catch {
            throw PlanError("\(error)")
        }
    }
}
