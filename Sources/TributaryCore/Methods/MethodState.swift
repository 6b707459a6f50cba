/// What a method keeps on the server from round to round.
public struct MethodState: Hashable, Sendable {
    /// The name and version of its form; empty if nothing is kept.
    public var form: String
    /// Its vectors.
    public var vectors: OptimiserState
    /// Its figures.
    public var figures: [Double]
    /// What its clients remember, where one machine plays them all.
    public var clients: ClientMemories

    /// A state with all its parts.
    public init(form: String, vectors: OptimiserState, figures: [Double], clients: ClientMemories) {
        (self.form, self.vectors, self.figures, self.clients) = (form, vectors, figures, clients)
    }

    /// Nothing is kept.
    public static let none = MethodState(form: "", vectors: .none, figures: [], clients: .none)

    /// What a strategy's method starts from, for a model of `parameterCount` parameters.
    public init(initial strategy: Strategy, parameterCount: Int, populationSize: Int) {
        let (method, form) = (strategy.method, strategy.form)
        self.init(
            form: form.name, vectors: OptimiserState(initial: form.serverVectors, parameterCount: parameterCount),
            figures: method.initialFigures(populationSize: populationSize), clients: ClientMemories(names: form.memory))
    }

    /// Whether a strategy can go on from this, with a model of `parameterCount` parameters.
    ///
    /// - Parameter ownLength: the length of what each client has for itself; nil if it has nothing.
    public func fits(
        _ strategy: Strategy, parameterCount: Int, ownLength: Int? = nil, populationSize: Int
    ) -> Bool {
        let (method, form) = (strategy.method, strategy.form)
        return self.form == form.name && vectors.fits(form.serverVectors, parameterCount: parameterCount)
            && figures.count == method.initialFigures(populationSize: populationSize).count
            && clients.fits(
                form, length: form.memory.count * parameterCount + (ownLength.map { $0 - parameterCount } ?? 0),
                populationSize: populationSize)
    }
}

/// What the clients of a method remember from one round they are part of to the next.
///
/// A client that was never part of a committed round has the memory that everybody starts from, and takes no room here.
public struct ClientMemories: Hashable, Sendable {
    /// The names of a client's vectors.
    public let names: [String]
    /// By client, its vectors one after another.
    public private(set) var values: [ClientID: [Float]]

    /// The memories of clients none of whom has taken part.
    public init(names: [String]) {
        self.init(names: names, values: [:])
    }

    /// Memories as they were stored.
    public init(names: [String], values: [ClientID: [Float]]) {
        (self.names, self.values) = (names, values)
    }

    /// Nothing is remembered.
    public static let none = ClientMemories(names: [])

    /// What a client remembers.
    public func memory(of client: ClientID, parameterCount: Int) -> [Float] {
        values[client] ?? [Float](repeating: 0, count: names.count * parameterCount)
    }

    /// Replaces what a client remembers: the round that it worked for has committed.
    public mutating func commit(_ memory: [Float], of client: ClientID) {
        values[client] = memory
    }

    func fits(_ form: MethodForm, length: Int, populationSize: Int) -> Bool {
        names == form.memory
            && values.allSatisfy { $0.value.count == length && $0.key.rawValue < UInt64(populationSize) }
    }
}
