import TributaryCore
import TributaryWire

extension Coordinator {
    /// An answer that is not what was asked for, as an error. Only what the server itself says can be for good.
    func refusal(_ answer: TransportAnswer, of call: ClientCall) -> ClientError {
        let error = answer.connectError
        let isDenied = [.unauthenticated, .permissionDenied].contains(error.code)
        return ClientError(isDenied ? .denied : .refused, message(error, call), failure: failure(error, call))
    }

    private func failure(_ error: ConnectError, _ call: ClientCall) -> CallFailure {
        switch error.code {
        case .canceled, .unknown, .deadlineExceeded, .resourceExhausted, .aborted, .internal, .unavailable, .dataLoss:
            .transient(error.retry)
        case .unauthenticated: .unauthenticated
        case .failedPrecondition: call == .submit ? .missing : .refused
        case .notFound: call == .download ? .missing : .refused
        case .outOfRange: .damaged
        // A client may read and write what belongs to its task, for as long as that is open.
        case .permissionDenied: [.download, .upload].contains(call) ? .over : .refused
        case .invalidArgument, .alreadyExists, .unimplemented: .refused
        }
    }

    private func message(_ error: ConnectError, _ call: ClientCall) -> String {
        let server = transport.server
        switch (call, error.code) {
        case (.register, .unauthenticated):
            return "\(server): the join token is wrong; ask the operator for the right one (\(error.message))"
        case (.register, .alreadyExists):
            return
                "\(server): the name '\(description.name)' belongs to a client with another registration key; choose "
                + "another name, or use the state folder that it registered with (\(error.message))"
        case (.register, .failedPrecondition), (.poll, .failedPrecondition):
            return "\(server): does not take this client's software \(description.version) (\(error.message))"
        case (_, .unimplemented):
            return "\(server): has no such call (\(call.rawValue)); is it a coordinator? (\(error.message))"
        case (_, .unauthenticated):
            return "\(server): does not take the client's credential (\(error.message))"
        default:
            return "\(server): \(call.rawValue): \(error)"
        }
    }
}
