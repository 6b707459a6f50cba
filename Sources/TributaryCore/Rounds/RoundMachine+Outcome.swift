extension RoundMachine {
    /// The clients whose updates count, in ascending order.
    public var contributors: [ClientID] {
        members.compactMap { $0.value == .answered(.accepted) ? $0.key : nil }.sorted()
    }

    /// Who took part and why the others did not; meaningful once the round has ended.
    public var participation: RoundSummary.Participation {
        var result = RoundSummary.Participation()
        result.invited = members.count
        result.duplicates = duplicateCount
        for member in members.values {
            switch member {
            case .answered(.accepted): result.reported += 1
            case .answered(.refused(let refusal)): result.dropped[refusal.dropCause, default: 0] += 1
            case .answered(.late), .answered(.notInvited), .working, .folding: result.dropped[.late, default: 0] += 1
            case .lost(let cause): result.dropped[cause, default: 0] += 1
            }
        }
        return result
    }
}
