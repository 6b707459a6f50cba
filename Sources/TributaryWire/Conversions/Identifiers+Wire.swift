public import TributaryCore

extension RunID {
    /// The run that a request's field `run` names. Throws `invalid_argument`.
    public init(wire text: String) throws(ConnectError) {
        self = try WireField.message["run"].run(text)
    }
}

extension TaskID {
    /// The task that a request's field `task_id` names. Throws `invalid_argument`.
    public init(wire text: String) throws(ConnectError) {
        self = try WireField.message["task_id"].task(text)
    }
}

extension TaskKind {
    /// The kind that a message names; nil for one that is not known.
    public init?(_ kind: WireTask.Kind) {
        switch kind {
        case .train: self = .train
        case .evaluate: self = .evaluate
        case .measure: self = .measure
        case .unspecified, .UNRECOGNIZED: return nil
        }
    }
}

extension WireTask.Kind {
    /// The kind as messages name it.
    public init(_ kind: TaskKind) {
        switch kind {
        case .train: self = .train
        case .evaluate: self = .evaluate
        case .measure: self = .measure
        }
    }
}
