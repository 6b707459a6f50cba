import TributaryCore
import TributaryWire

extension ConnectError {
    /// A refusal of the coordinator's as the caller gets it.
    init(_ refusal: CallRefusal) {
        switch refusal {
        case .unknownClient:
            self.init(.unauthenticated, "the caller is not known, or its credential has ended; register again")
        case .nameTaken(let name):
            self.init(
                .alreadyExists,
                "the name '\(name)' belongs to a client with another registration key; take another name")
        case .tooOld(let version, let needed):
            self.init(
                .failedPrecondition,
                "the client's software is version \(version), and this server takes \(needed) and newer; update it")
        case .updateMissing(let digest):
            self.init(.failedPrecondition, "the update \(digest) is not here; upload it, then submit again")
        case .unavailable(let reason, let window):
            self.init(.unavailable, "nothing was accepted: \(reason); try again", retry: window)
        case .closing(let window):
            self.init(.unavailable, "the server is going down; come back", retry: window)
        case .displaced:
            self.init(.aborted, "a later call of the same client has taken this one's place")
        case .unknownRun(let run):
            self.init(.notFound, "there is no \(run)")
        case .runExists(let run):
            self.init(.alreadyExists, "\(run) exists, with another plan, target or model; take another name")
        case .runEnded(let run, let status):
            self.init(.failedPrecondition, "\(run) is \(status.rawValue), which cannot be changed this way any more")
        case .badPlan(let reason):
            self.init(.invalidArgument, reason)
        }
    }

    /// A server's answer of the wrong kind: our own bug, but no reason to take the process down.
    static var unexpectedAnswer: ConnectError {
        ConnectError(.internal, "the coordinator gave an answer to another question")
    }
}
