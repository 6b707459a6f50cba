import TributaryCore

/// What a checkpoint's metadata says of a method's state: all but the vectors.
struct MethodMetadata: Sendable {
    var form = ""
    var vectors: [String] = []
    var figures: [Double] = []
    var memory: [String] = []
    /// The clients that remember something, in ascending order.
    var clients: [UInt64] = []

    /// There is no method with a state.
    static let none = MethodMetadata()

    private init() {}

    /// Reads what `MethodState.metadata` wrote.
    init(_ metadata: [String: String]) throws(Checkpoint.FormatError) {
        func words(_ key: String) -> [String] { (metadata[key] ?? "").split(separator: ",").map(String.init) }
        form = metadata["method_state"] ?? ""
        (vectors, memory) = (words("method_vectors"), words("method_memory"))
        let figures = words("method_figures").map { Double($0) }
        let clients = words("method_clients").map { UInt64($0) }
        (self.figures, self.clients) = (figures.compactMap { $0 }, clients.compactMap { $0 })
        let isSound =
            !form.isEmpty && self.figures.count == figures.count && self.clients.count == clients.count
            && zip(self.clients, self.clients.dropFirst()).allSatisfy { $0 < $1 }
        guard isSound else { throw Checkpoint.FormatError(description: "its method's state cannot be read") }
    }

    /// The names of the server's vectors as tensors have them.
    var vectorTensorNames: [String] { vectors.map { "method/" + $0 } }
}

extension MethodState {
    /// The state without its vectors, as metadata; nothing if nothing is kept.
    var metadata: [String: String] {
        guard self != .none else { return [:] }
        return [
            "method_state": form, "method_vectors": vectors.names.joined(separator: ","),
            // A Double's description reads back as the same number.
            "method_figures": figures.map { "\($0)" }.joined(separator: ","),
            "method_memory": clients.names.joined(separator: ","),
            "method_clients": clients.clients.map { String($0.rawValue) }.joined(separator: ","),
        ]
    }
}

extension ClientMemories {
    /// The clients that remember something, in ascending order.
    fileprivate var clients: [ClientID] { values.keys.sorted() }
}

extension OptimiserState {
    /// These vectors and a method's, with names that tell them apart.
    func followed(by method: OptimiserState) -> OptimiserState {
        guard !method.names.isEmpty else { return self }
        return OptimiserState(
            form: form, names: names + method.names.map { "method/" + $0 }, values: values + method.values)
    }
}

extension Weights {
    /// The tensors, and after them one for each vector that clients remember, a row a client. The vectors are as long as the
    /// model, but for what a client has for itself.
    func joined(with memories: ClientMemories, parameterCount: Int) -> Weights {
        let clients = memories.clients
        guard let first = clients.first.flatMap({ memories.values[$0] }), !memories.names.isEmpty else { return self }
        var (more, all, start) = ([(name: String, shape: [Int])](), values, 0)
        for name in memories.names {
            let others = (memories.names.count - 1) * parameterCount
            let length = name == Strategy.ownModelName ? first.count - others : parameterCount
            more.append((name: "clients/\(name)", shape: [clients.count, length]))
            for client in clients { all += memories.values[client]?[start..<start + length] ?? [] }
            start += length
        }
        return Weights(
            layout: TensorLayout(layout.tensors.map { (name: $0.name, shape: $0.shape) } + more), values: all)
    }

    /// What `joined(with:parameterCount:)` put together; nil if it did not, with these clients.
    func splittingClients(_ head: MethodMetadata) -> (Weights, ClientMemories)? {
        guard !head.clients.isEmpty else { return (self, ClientMemories(names: head.memory)) }
        let own = layout.tensors.dropLast(head.memory.count)
        let vectors = layout.tensors.suffix(head.memory.count)
        guard !head.memory.isEmpty, !own.isEmpty, let end = own.last?.range.upperBound,
            zip(head.memory, vectors).allSatisfy({
                $1.name == "clients/\($0)" && $1.shape.count == 2 && $1.shape[0] == head.clients.count
            })
        else { return nil }
        let rest = Weights(
            layout: TensorLayout(own.map { (name: $0.name, shape: $0.shape) }), values: Array(values[..<end]))
        var memories: [ClientID: [Float]] = [:]
        for (row, client) in head.clients.enumerated() {
            memories[ClientID(client)] = vectors.flatMap { vector in
                values[(vector.range.lowerBound + row * vector.shape[1])...].prefix(vector.shape[1])
            }
        }
        return (rest, ClientMemories(names: head.memory, values: memories))
    }
}
