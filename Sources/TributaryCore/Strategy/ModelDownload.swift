/// How a client gets the model of its task.
public enum ModelDownload: String, CaseIterable, Hashable, Sendable {
    /// As a whole.
    case full
    /// By its difference to a former model of the run, where the client still has one and the server, too.
    case delta
}

extension ModelDownload: PlanValue {}
