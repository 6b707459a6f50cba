/// Which facts a machine can be told in which of its states, and why it cannot be told the others.
///
/// What is possible is what the seeds have to reach. What is said to be impossible follows from how the machines and their
/// shells are made; a seed that reaches it has found that reason to be wrong.
public enum CoverageReport {
    /// The stages of a run.
    static let stages = ["idle", "opening", "collecting", "making", "ending", "scoring", "scored", "closing"]
    /// Those of a run whose model moves as updates come, while it does. How clients score the last one is no different.
    static let bufferStages = ["idle", "making", "ending", "scoring", "closing"]
    /// Those in which it stays for a while: anything happens in them. In the others not more is looked for than comes all the
    /// time.
    private static let bufferStays: Set<String> = ["idle", "making"]
    private static let frequent: Set<String> = ["polled", "heartbeat", "submitted", "persisted", "scored", "time"]
    /// The phases of a round.
    static let phases = ["selecting", "collecting", "draining", "committing", "committed", "abandoned"]
    /// What may happen at any time: calls, the clock, the store.
    static let facts = [
        "polled", "heartbeat", "submitted", "gave back", "checked: sound", "checked: decoded", "checked: refused",
        "checked: missing", "checked: failed", "persisted", "persist failed", "model: made",
        "model: damaged contributions", "model: damaged base", "model: failed", "scored", "time", "paused", "resumed",
        "stopped", "closing",
        "recovered",
    ]

    /// The pairs that can happen.
    public static let expected: Set<Coverage.Pair> = {
        var pairs: Set<Coverage.Pair> = []
        for fact in facts {
            for stage in stages { pairs.insert(Coverage.Pair(.run, stage, fact)) }
            for stage in bufferStages where bufferStays.contains(stage) || frequent.contains(fact) {
                pairs.insert(Coverage.Pair(.buffer, stage, fact))
            }
            for phase in phases { pairs.insert(Coverage.Pair(.round, phase, fact)) }
        }
        // A model is examined when a client could not do its task, or a run that had failed goes on.
        for fact in ["examined: whole", "examined: damaged"] {
            for stage in ["idle", "collecting"] { pairs.insert(Coverage.Pair(.run, stage, fact)) }
            pairs.insert(Coverage.Pair(.buffer, "idle", fact))
            pairs.insert(Coverage.Pair(.round, "collecting", fact))
        }
        for fact in sessionFacts.keys {
            for stage in sessionStages { pairs.insert(Coverage.Pair(.session, stage, fact)) }
        }
        return pairs.filter { reasonImpossible($0) == nil }
    }()

    /// Why a pair cannot happen; nil if it can.
    public static func reasonImpossible(_ pair: Coverage.Pair) -> String? {
        switch pair.machine {
        case .run: reason(stage: pair.state, fact: pair.fact)
        case .buffer: reason(bufferStage: pair.state, fact: pair.fact)
        case .round: reason(phase: pair.state, fact: pair.fact)
        case .session: reason(sessionStage: pair.state, fact: pair.fact)
        }
    }

    private static func reason(stage: String, fact: String) -> String? {
        if fact.hasPrefix("checked"), stage != "collecting" {
            return "a round is not left while a result of it is being looked at"
        }
        if fact.hasPrefix("model"), stage != "making" {
            return "a model is only made while the run waits for it, and nothing else ends that wait"
        }
        if fact == "scored", stage != "scoring" { return "a score is only waited for in that stage" }
        if fact == "recovered", stage == "opening" { return "nobody is present when a process has just started" }
        return nil
    }

    /// In a run whose model moves as updates come, clients go on whatever the stage; they score the last model only.
    private static func reason(bufferStage stage: String, fact: String) -> String? {
        if fact.hasPrefix("model"), stage != "making" {
            return "a model is only made while the run waits for it, and nothing else ends that wait"
        }
        if fact == "scored", stage != "scoring" { return "a score is only waited for in that stage" }
        if fact == "recovered", stage == "opening" { return "nobody is present when a process has just started" }
        return nil
    }

    private static func reason(phase: String, fact: String) -> String? {
        if fact.hasPrefix("checked"), phase != "collecting", phase != "draining" {
            return "a round is not decided while a result of it is being looked at"
        }
        if fact.hasPrefix("model"), phase != "committing" { return "a model is made of a round that commits" }
        if fact == "scored" { return "no round is open while the test set is being scored" }
        if fact == "recovered" {
            switch phase {
            case "selecting": return "a round whose row is not on disk was never opened"
            case "draining": return "nothing is being looked at when a process has just started"
            case "committed": return "a model whose row is not on disk is made again"
            default: return nil
            }
        }
        return nil
    }
}
