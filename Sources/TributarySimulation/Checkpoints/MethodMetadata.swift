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
    /// The tensors, and after them one for each vector that clients remember, a row a client.
    func joined(with memories: ClientMemories) -> Weights {
        let clients = memories.clients
        guard let first = clients.first.flatMap({ memories.values[$0] }), !memories.names.isEmpty else { return self }
        let length = first.count / memories.names.count
        var (more, all) = ([(name: String, shape: [Int])](), values)
        for (place, name) in memories.names.enumerated() {
            more.append((name: "clients/\(name)", shape: [clients.count, length]))
            for client in clients { all += memories.values[client]?[place * length..<(place + 1) * length] ?? [] }
        }
        return Weights(
            layout: TensorLayout(layout.tensors.map { (name: $0.name, shape: $0.shape) } + more), values: all)
    }

    /// What `joined(with:)` put together; nil if it did not, with these clients.
    func splittingClients(_ head: MethodMetadata) -> (Weights, ClientMemories)? {
        guard !head.clients.isEmpty else { return (self, ClientMemories(names: head.memory)) }
        let own = layout.tensors.dropLast(head.memory.count)
        let rows = head.clients.count
        guard !head.memory.isEmpty, !own.isEmpty, let length = layout.tensors.last?.shape.last,
            zip(head.memory, layout.tensors.suffix(head.memory.count)).allSatisfy({
                $1.name == "clients/\($0)" && $1.shape == [rows, length]
            })
        else { return nil }
        let rest = Weights(
            layout: TensorLayout(own.map { (name: $0.name, shape: $0.shape) }),
            values: Array(values.dropLast(head.memory.count * rows * length)))
        var memories: [ClientID: [Float]] = [:]
        for (row, client) in head.clients.enumerated() {
            memories[ClientID(client)] = head.memory.indices.flatMap { place in
                values[(rest.values.count + (place * rows + row) * length)...].prefix(length)
            }
        }
        return (rest, ClientMemories(names: head.memory, values: memories))
    }
}
