public import TributaryCore

extension WireRoundReport {
    /// How a round ended, as a message.
    public init(_ summary: RoundSummary) {
        self.init()
        round = UInt64(clamping: summary.round.rawValue)
        isCommitted = summary.outcome == .committed
        modelVersion = UInt64(clamping: summary.modelVersion.rawValue)
        invited = UInt64(clamping: summary.participation.invited)
        reported = UInt64(clamping: summary.participation.reported)
        for (cause, count) in summary.participation.dropped { dropped[cause.rawValue] = UInt64(clamping: count) }
        if let loss = summary.trainLoss { trainLoss = loss }
        if let score = summary.test {
            testLoss = score.loss
            if let accuracy = score.accuracy { testAccuracy = accuracy }
        }
        if let score = summary.federated?.mean {
            federatedLoss = score.loss
            if let accuracy = score.accuracy { federatedAccuracy = accuracy }
        }
        if let score = summary.personal?.mean {
            personalLoss = score.loss
            if let accuracy = score.accuracy { personalAccuracy = accuracy }
        }
        seconds = summary.timing.realSeconds
        if let spent = summary.energy { energy = WireRoundEnergy(spent) }
        if let privacy = summary.privacy {
            privacyDelta = privacy.delta
            if let epsilon = privacy.epsilon { privacyEpsilon = epsilon }
        }
    }
}
