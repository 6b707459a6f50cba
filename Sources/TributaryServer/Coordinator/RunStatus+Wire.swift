import TributaryCore
import TributaryWire

extension WireRun {
    /// How a run is, as a message.
    init(_ status: RunStatus) {
        self.init()
        run = status.row.id.rawValue
        (state, reason) = Self.state(of: status.activity)
        if state == .completed, status.row.ending == .budgetSpent { reason = "its privacy budget is spent" }
        revision = status.revision
        lastRound = UInt64(clamping: status.lastRound?.round.rawValue ?? 0)
        plannedRounds = UInt64(clamping: status.plannedRounds)
        modelVersion = UInt64(clamping: status.modelVersion.rawValue)
        model = WireBlob(status.model)
        invited = UInt64(clamping: status.invitedCount)
        contributions = UInt64(clamping: status.contributionCount)
        registeredClients = UInt64(clamping: status.registeredCount)
        presentClients = UInt64(clamping: status.presentCount)
        if let last = status.lastRound { lastReport = WireRoundReport(last) }
        for (section, fields) in status.row.plan {
            for (key, value) in fields { plan[section == "run" ? key : "\(section).\(key)"] = value }
        }
        target = WireClientTarget(status.row.target)
    }

    private static func state(of activity: RunStatus.Activity) -> (State, String) {
        switch activity {
        case .waiting(let what): (.waiting, what)
        case .training: (.training, "")
        case .evaluating: (.evaluating, "")
        case .paused: (.paused, "")
        case .completed: (.completed, "")
        case .stopped: (.stopped, "")
        case .failed(let reason): (.failed, reason)
        }
    }
}
