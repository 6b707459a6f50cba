public import TributaryCore

extension TaskNeeds {
    /// What a client that asks for a task says that it can.
    public init(_ request: WirePollRequest) {
        self = []
        if request.addsNoise { insert(.noise) }
        if request.measuresLoss { insert(.losses) }
        if request.personalises { insert(.ownModels) }
    }
}
