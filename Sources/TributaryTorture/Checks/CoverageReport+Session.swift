/// What a client's session can be told in which of its stages.
///
/// A client asks one thing at a time, and its task stays what it is while it waits for the answer; only a heartbeat goes on
/// beside that. So what answers a question comes in the stage that asked it, or, if a heartbeat has heard in between that
/// the task is over, in `idle`.
extension CoverageReport {
    /// The stages of a session.
    static let sessionStages = ["idle", "downloading", "working", "uploading", "submitting", "returning"]

    /// Each fact with the stages in which it is told.
    static let sessionFacts: [String: [String]] = {
        var facts: [String: [String]] = [:]
        // The credential and the lease are looked after in every stage.
        for fact in [
            "registered", "register failed: transient", "renewed", "renew failed: transient",
            "renew failed: unauthenticated", "lease renewed", "lease lost", "heartbeat failed: transient",
            "heartbeat failed: unauthenticated",
        ] {
            facts[fact] = sessionStages
        }
        for fact in ["restored", "given", "nothing to do", "poll failed: transient", "poll failed: unauthenticated"] {
            facts[fact] = ["idle"]
        }
        for fact in ["progressed", "downloaded", "download failed: damaged"] { facts[fact] = ["downloading"] }
        for failure in ["transient", "unauthenticated", "over", "missing"] {
            facts["download failed: \(failure)"] = ["downloading", "idle"]
        }
        for fact in ["worked", "gave up"] { facts[fact] = ["working"] }
        facts["uploaded"] = ["uploading"]
        for failure in ["transient", "unauthenticated", "over", "damaged"] {
            facts["upload failed: \(failure)"] = ["uploading", "idle"]
        }
        for failure in ["transient", "unauthenticated", "missing"] {
            facts["submit failed: \(failure)"] = ["submitting"]
        }
        for failure in ["transient", "unauthenticated"] { facts["giveBack failed: \(failure)"] = ["returning"] }
        facts["answered"] = ["submitting", "returning"]
        return facts
    }()

    static func reason(sessionStage stage: String, fact: String) -> String? {
        guard let stages = sessionFacts[fact] else { return "no coordinator of a world says so" }
        return stages.contains(stage) ? nil : "it is told in \(stages.joined(separator: " or "))"
    }
}
