public import TributaryCore

extension RoundMachine.Answer {
    /// Reads a receipt. Throws `invalid_argument` for one that is not known; a refusal that is not known, of a newer
    /// server, reads as malformed.
    public init(_ message: WireSubmitResponse) throws(ConnectError) {
        switch message.receipt {
        case .accepted: self = .accepted
        case .late: self = .late
        case .refused: self = .refused(UpdateRefusal(message.refusal) ?? .malformed)
        case .notInvited: self = .notInvited
        case .unspecified, .UNRECOGNIZED:
            throw WireField.message["receipt"].error("is not a receipt that is known")
        }
    }
}

extension WireSubmitResponse {
    /// A receipt as a message.
    public init(_ answer: RoundMachine.Answer, isDuplicate: Bool, retry: RetryWindow?) {
        self.init()
        switch answer {
        case .accepted: receipt = .accepted
        case .late: receipt = .late
        case .refused(let refusal):
            receipt = .refused
            self.refusal = WireRefusal(refusal)
        case .notInvited: receipt = .notInvited
        }
        self.isDuplicate = isDuplicate
        if let retry { self.retry = WireRetryWindow(retry) }
    }
}

extension UpdateRefusal {
    /// The reason that a message names; nil for one that is not known.
    public init?(_ refusal: WireRefusal) {
        switch refusal {
        case .malformed: self = .malformed
        case .schema: self = .wrongSchema
        case .size: self = .wrongSize
        case .digest: self = .wrongDigest
        case .notFinite: self = .notFinite
        case .outOfBound: self = .outOfBound
        case .weight: self = .badWeight
        case .unspecified, .UNRECOGNIZED: return nil
        }
    }
}

extension WireRefusal {
    /// The reason as messages name it.
    public init(_ refusal: UpdateRefusal) {
        switch refusal {
        case .malformed: self = .malformed
        case .wrongSchema: self = .schema
        case .wrongSize: self = .size
        case .wrongDigest: self = .digest
        case .notFinite: self = .notFinite
        case .outOfBound: self = .outOfBound
        case .badWeight: self = .weight
        }
    }
}
