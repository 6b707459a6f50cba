/// What becomes of a run whose model is damaged in the store.
///
/// Nobody can start from such a model, and who tries fails at it: each attempt would send honest clients away for longer,
/// from this run and from all others. So a client's failure has the model examined, and until its condition is known nobody
/// is invited. A round that began with a damaged model is closed early, the run fails, and an operator who has brought the
/// model back resumes it.
extension RunMachine {
    /// Whether clients would have a model to start from, as far as is known.
    var mayTrustModel: Bool { !isUnderExamination && damage?.model != model }

    /// Has the newest model looked at, if it is not being looked at already.
    mutating func examineModel() -> [CoordinatorAction] {
        guard !isUnderExamination else { return [] }
        isUnderExamination = true
        return [.examine(row.id, model)]
    }

    /// A model was looked at.
    mutating func modelExamined(
        _ blob: TensorBlob, _ condition: ModelCondition, at now: Instant
    ) -> [CoordinatorAction] {
        guard isUnderExamination else { return [] }
        isUnderExamination = false
        switch condition {
        case .whole: return []
        case .unknown(let reason):
            return [.note(row.id, "whether its model is whole could not be seen: \(reason)")]
        case .damaged where blob != model: return []
        case .damaged(let reason):
            damage = (blob, reason)
            if stage == .idle { return advance(at: now) }
            guard stage == .collecting, open?.row.id.kind != .evaluate else { return [] }
            return proceed(open?.machine.closed(at: now) ?? .wait, at: now)
        }
    }

    /// The run fails if it would go on with a model that is damaged; nil if it would not.
    mutating func failIfDamaged() -> [CoordinatorAction]? {
        guard let damage, damage.model == model, row.status == .active || row.status == .paused,
            case .openRound = course.nextAction()
        else { return nil }
        return fail(damage.reason)
    }
}
