/// What a run's method asks of a client beside training: part of a task.
public struct TaskMethod: Hashable, Sendable {
    /// The method with its parameters, by which a client finds it in its catalogue.
    public var text: PartText
    /// The name and version of its form, `MethodForm.name`. A client that knows the method by another form cannot do the
    /// task: its numbers would mean something else.
    public var form: String
    /// The last round of the run whose model has an update of this client in it; nil if there is none, or the method has
    /// clients remember nothing. What a client remembers is what it had made by then: of an update that was accepted it does
    /// not know whether its round came to anything.
    public var countedRound: RoundNumber?
    /// The server's vectors that the client goes by, each as long as the model; empty where there are none, and before the first
    /// step, when they are zeros.
    public var vectors: [TensorBlob]
    /// For each vector that goes up behind the update, in the same bytes, the largest magnitude of a coordinate.
    public var messageBounds: [Double]

    /// What a method of that form asks.
    public init(
        _ text: PartText, form: String, countedRound: RoundNumber? = nil, vectors: [TensorBlob] = [],
        messageBounds: [Double] = []
    ) {
        (self.text, self.form, self.countedRound) = (text, form, countedRound)
        (self.vectors, self.messageBounds) = (vectors, messageBounds)
    }
}

/// What goes with an update because the run's method asks for it.
public struct MethodReport: Hashable, Sendable, Codable {
    /// The form by which the update was made. Without it an update is one of plain averaging, and a run with a method has no
    /// use for that.
    public var form: String
    /// The form's figures.
    public var figures: [Double]

    /// A report with both its parts.
    public init(form: String, figures: [Double]) {
        (self.form, self.figures) = (form, figures)
    }
}

extension MethodForm {
    /// Why what goes with an update cannot be used; nil if it can.
    package func refusal(of report: MethodReport?) -> UpdateRefusal? {
        guard !isEmpty else { return report == nil ? nil : .wrongSchema }
        guard let report, report.form == name, report.figures.count == figures.count else { return .wrongSchema }
        return refusal(of: report.figures)
    }

    /// Why figures, as many as the form has, cannot be used; nil if they can.
    package func refusal(of figures: [Double]) -> UpdateRefusal? {
        guard figures.allSatisfy(\.isFinite) else { return .notFinite }
        return figures.allSatisfy(figureRange.contains) ? nil : .outOfBound
    }
}
