import TributaryClient
import TributaryCore
import TributarySimulation

/// Where a client that joins leaves its own model.
struct OwnModelFile {
    let path: String
    let dataset: String

    /// Writes the client's own model of the run that a task is of. Without one there is no file, and a line says why.
    func write(_ client: FederatedClient, _ task: TaskDescription?) async throws {
        guard let task, let own = try await client.personalModel(of: task.id.run),
            own.weights.count == task.layout.count
        else {
            return Console.error(
                "note: \(path) was not written: in this session no run with models of clients' own has given this client one"
            )
        }
        let file = ModelFile(
            weights: Weights(layout: task.layout, values: own.weights), model: task.modelName, dataset: dataset,
            round: own.round, version: task.modelVersion)
        _ = try file.write(to: path)
    }
}
