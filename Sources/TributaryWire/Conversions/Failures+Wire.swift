public import TributaryCore

extension DropCause {
    /// Why a client gave its task back; a cause that is not known, of a newer client, reads as a failure.
    public init(_ cause: WireReportFailureRequest.Cause) {
        switch cause {
        case .failed, .UNRECOGNIZED: self = .failed
        case .declined: self = .declined
        case .noData: self = .noData
        }
    }
}

extension WireReportFailureRequest {
    /// A task given back. A message that is too long is cut, and made one line.
    public init(task: TaskID, cause: Cause, message: String) {
        self.init()
        taskID = task.description
        self.cause = cause
        // Room for the mark of a cut.
        self.message = OneLine.of(message, byteLimit: WireLimits.failureMessageBytes - 3)
    }

    /// The message for the operator's log, as one line. Throws `invalid_argument` if it is too long.
    public func checkedMessage() throws(ConnectError) -> String {
        guard message.utf8.count <= WireLimits.failureMessageBytes else {
            throw WireField.message["message"].error(
                "has \(message.utf8.count) bytes; must have \(WireLimits.failureMessageBytes) at most")
        }
        return OneLine.of(message, byteLimit: WireLimits.failureMessageBytes)
    }
}
