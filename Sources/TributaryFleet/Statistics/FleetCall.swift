import TributaryWire

/// What a fleet measures: each kind of call and transfer.
public enum FleetCall: String, Hashable, Sendable, Codable, CaseIterable {
    /// Registration.
    case register
    /// The renewal of a credential.
    case renew
    /// Asking for a task, the wait for one included.
    case poll
    /// Fetching a model.
    case download
    /// A heartbeat.
    case heartbeat
    /// Asking how much of an update is there.
    case uploadState = "upload-state"
    /// Sending an update.
    case upload
    /// Handing a result in.
    case submit
    /// Giving a task back.
    case giveBack = "give-back"
    /// Anything else.
    case other

    init(path: String) {
        self =
            switch ConnectMethod(path: path) {
            case .register: .register
            case .renew: .renew
            case .poll: .poll
            case .heartbeat: .heartbeat
            case .submit: .submit
            case .reportFailure: .giveBack
            default: .other
            }
    }
}
