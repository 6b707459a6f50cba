/// What a run's method keeps on the server between rounds.
public struct MethodStateRow: Hashable, Sendable {
    /// The name and version of its form.
    public var form: String
    /// Its figures.
    public var figures: [Double]
    /// Its vectors, in the form's order.
    public var vectors: [OptimiserStateRow.Vector]
    /// The clients whose figures these are, in ascending order, where each has one; nil where none has.
    public var clients: [ClientID]?

    /// A state with all its parts.
    public init(
        form: String, figures: [Double], vectors: [OptimiserStateRow.Vector] = [], clients: [ClientID]? = nil
    ) {
        (self.form, self.figures, self.vectors, self.clients) = (form, figures, vectors, clients)
    }

    /// Whether a method of the given form, which keeps so many figures, can go on from it.
    func fits(_ form: MethodForm, figureCount: Int) -> Bool {
        let count = form.hasFigurePerClient ? clients?.count : figureCount
        return self.form == form.name && figures.count == count && vectors.map(\.name) == form.server
            && vectors.allSatisfy { $0.blob.encoding == .float32 }
    }
}

extension MethodStateRow: Codable {
    private enum CodingKeys: String, CodingKey {
        case form, figures, vectors, clients
    }

    /// Reads a row; a figure that is no number is an error.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let texts = try values.decode([String].self, forKey: .figures)
        let figures = texts.compactMap { Double($0) }
        guard figures.count == texts.count else {
            throw DecodingError.dataCorruptedError(forKey: .figures, in: values, debugDescription: "not all numbers")
        }
        self.init(
            form: try values.decode(String.self, forKey: .form), figures: figures,
            vectors: try values.decode([OptimiserStateRow.Vector].self, forKey: .vectors),
            clients: try values.decodeIfPresent([ClientID].self, forKey: .clients))
    }

    /// Writes the row, its figures as text: they may be infinite, which a number of JSON is not. A number's description reads
    /// back as the same number.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(form, forKey: .form)
        try values.encode(figures.map(\.description), forKey: .figures)
        try values.encode(vectors, forKey: .vectors)
        try values.encodeIfPresent(clients, forKey: .clients)
    }
}
