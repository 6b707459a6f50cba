/// What a run on a coordinator counts of energy, and when its rounds begin; what of it does not change.
///
/// The trace is in the run's row. One with dates goes by the wall clock, as the coordinator's instants do; one in seconds
/// begins with the run. So a coordinator that starts again has the same numbers and the same slots.
struct RunEnergy: Sendable {
    /// What counts energy; nil if the plan does not ask.
    let model: EnergyModel?
    /// When rounds begin; nil: one as the last has ended.
    let schedule: SlotSchedule?

    /// The most slots times regions that are looked at when the run is made or found.
    private static let lookLimit = 20_000_000

    /// The energy of a run; nil if its plan says nothing of it.
    ///
    /// - Throws: `PlanError` if the trace is missing or none, or slots would take too long to choose.
    init?(_ plan: Plan, _ row: RunRow) throws(PlanError) {
        guard plan.energy != Plan.Energy() else { return nil }
        let trace = try Self.trace(plan, row)
        let origin = trace?.firstDate.map { Instant(sinceStart: .seconds($0)) } ?? row.createdAt
        model = EnergyModel(plan, trace: trace, origin: origin)
        guard let slot = plan.energy.slot else {
            schedule = nil
            return
        }
        if plan.energy.slack > 0, let trace {
            let looks = (plan.rounds + plan.energy.slack).multipliedReportingOverflow(by: trace.names.count)
            guard !looks.overflow, looks.partialValue <= Self.lookLimit else {
                throw PlanError(
                    "energy.slack is \(plan.energy.slack): so many slots in \(trace.names.count) regions take too long to "
                        + "choose from; lower it, or leave out regions of the trace")
            }
        }
        schedule = SlotSchedule(
            rounds: plan.rounds, slack: plan.energy.slack, slot: slot, trace: trace,
            offset: origin.duration(to: row.createdAt).inSeconds)
    }

    private static func trace(_ plan: Plan, _ row: RunRow) throws(PlanError) -> CarbonTrace? {
        guard let name = plan.energy.trace else { return nil }
        guard let text = row.carbonTrace else {
            throw PlanError(
                "energy.trace is \(name), and its contents did not come with the run; send them as carbon_trace, as "
                    + "tributary run create does")
        }
        do throws(PlanError) {
            return try CarbonTrace(csv: text)
        } catch {
            throw PlanError("energy.trace: \(error.description)")
        }
    }
}
