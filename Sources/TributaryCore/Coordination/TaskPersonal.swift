/// What a run's personalisation asks of a client: part of a task.
public struct TaskPersonal: Hashable, Sendable {
    /// The personalisation with its parameters, by which a client finds it in its catalogue.
    public var text: PartText
    /// The name and version of what a client has for itself. A client that knows the personalisation by another form cannot do
    /// the task.
    public var form: String
    /// The tensors that stay with each client, by their names in the order of the layout; empty where all are shared. The update
    /// is zero in them, or is refused.
    public var head: [String]
    /// The last round of the run whose model has an update of this client in it; nil if there is none, or clients keep nothing.
    /// What a client has for itself is what it had made by then.
    public var countedRound: RoundNumber?

    /// What a personalisation of that form asks.
    public init(_ text: PartText, form: String, head: [String] = [], countedRound: RoundNumber? = nil) {
        (self.text, self.form, self.head, self.countedRound) = (text, form, head, countedRound)
    }
}

extension TaskDescription {
    /// The last round whose model has an update of the client in it, whichever part of the run asks; nil if there is none, or
    /// nobody asks.
    package var countedRound: RoundNumber? { method?.countedRound ?? personal?.countedRound }
}
