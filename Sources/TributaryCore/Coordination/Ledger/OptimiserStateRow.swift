/// What a server optimiser keeps between rounds, as blobs.
public struct OptimiserStateRow: Hashable, Sendable, Codable {
    /// One vector.
    public struct Vector: Hashable, Sendable, Codable {
        /// Its name.
        public var name: String
        /// Its numbers (float32), as many as the model's.
        public var blob: TensorBlob

        /// A vector with both its parts.
        public init(name: String, blob: TensorBlob) {
            self.name = name
            self.blob = blob
        }
    }

    /// The name and version of its form.
    public var form: String
    /// The vectors, in the form's order.
    public var vectors: [Vector]

    /// A state with both its parts.
    public init(form: String, vectors: [Vector]) {
        self.form = form
        self.vectors = vectors
    }

    /// The state of the given form; nil for an optimiser that keeps nothing. There must be a blob for each vector.
    init?(_ blobs: [TensorBlob], of form: OptimiserStateForm) {
        precondition(blobs.count == form.vectors.count, "a state with other vectors than its form")
        guard !form.isEmpty else { return nil }
        self.init(form: form.name, vectors: zip(form.vectors, blobs).map { Vector(name: $0.name, blob: $1) })
    }

    /// Whether an optimiser of the given form can go on from it.
    public func fits(_ form: OptimiserStateForm) -> Bool {
        self.form == form.name && vectors.map(\.name) == form.vectors.map(\.name)
            && vectors.allSatisfy { $0.blob.encoding == .float32 }
    }
}
