/// The calls of the protocol, each by the path that it is posted to.
public enum ConnectMethod: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    /// Makes a client known.
    case register = "/tributary.v1.Enrolment/Register"
    /// Exchanges a credential for a fresh one.
    case renew = "/tributary.v1.Enrolment/Renew"
    /// Forgets a client.
    case leave = "/tributary.v1.Enrolment/Leave"
    /// Asks for a task.
    case poll = "/tributary.v1.Tasks/Poll"
    /// Renews a task's lease.
    case heartbeat = "/tributary.v1.Tasks/Heartbeat"
    /// Hands in a task's result.
    case submit = "/tributary.v1.Tasks/Submit"
    /// Gives a task back.
    case reportFailure = "/tributary.v1.Tasks/ReportFailure"
    /// Creates a run.
    case createRun = "/tributary.v1.Runs/Create"
    /// Lists the runs.
    case listRuns = "/tributary.v1.Runs/List"
    /// Says how a run is.
    case getRun = "/tributary.v1.Runs/Get"
    /// Waits for a run to change.
    case watchRun = "/tributary.v1.Runs/Watch"
    /// Opens no new rounds for a while.
    case pauseRun = "/tributary.v1.Runs/Pause"
    /// Goes on with a run.
    case resumeRun = "/tributary.v1.Runs/Resume"
    /// Ends a run.
    case stopRun = "/tributary.v1.Runs/Stop"
    /// Says whether the server is there.
    case checkHealth = "/tributary.v1.Health/Check"

    /// The call that is posted to the given path (without a query); nil if there is none.
    public init?(path: some StringProtocol) {
        self.init(rawValue: String(path))
    }

    /// The path it is posted to, for example `/tributary.v1.Tasks/Poll`.
    public var path: String { rawValue }

    /// The service's full name, for example `tributary.v1.Tasks`.
    public var service: String { String(rawValue.dropFirst().prefix { $0 != "/" }) }

    /// The method's name in its service, for example `Poll`.
    public var name: String { String(rawValue.dropFirst(service.utf8.count + 2)) }

    /// What a message calls it, for example `Tasks.Poll`.
    public var description: String { service.dropFirst("tributary.v1.".utf8.count) + "." + name }
}
