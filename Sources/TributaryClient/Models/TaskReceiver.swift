import TributaryCore

/// All that a task has its client fetch, on its way in: the model, and the vectors that its method sends with it. A transfer
/// that breaks off goes on where it was.
struct TaskReceiver {
    /// What is still to come, in its order.
    private(set) var missing: [(blob: TensorBlob, receiver: ModelReceiver)]
    /// What has arrived.
    private(set) var arrived: [[Float]] = []

    init(_ task: TaskDescription, server: String) {
        missing = ([task.model] + (task.method?.vectors ?? [])).map {
            ($0, ModelReceiver($0, count: task.layout.count, server: server))
        }
    }

    /// The next of what is to come is there.
    mutating func received(_ values: [Float]) {
        missing.removeFirst()
        arrived.append(values)
    }

    /// The model; empty if it is not there.
    var model: [Float] { arrived.first ?? [] }
    /// The vectors, one after another.
    var vectors: [Float] { arrived.count > 1 ? Array(arrived.dropFirst().joined()) : [] }
}
