import TributaryCore
import TributarySimulation
import TributaryWire

extension Plan {
    /// The regions of the plan's carbon intensities; none if it has no table.
    func carbonRegions() throws(PlanError) -> [String] {
        try energy.readTrace(limit: WireLimits.traceBytes)?.trace.names ?? []
    }

    /// Takes the table of carbon intensities out of a plan that goes to a server, for which a path here means nothing: its
    /// contents go with the run. Nil if the plan names none.
    ///
    /// - Throws: `PlanError` that names the file, and the line where one is wrong.
    mutating func takeCarbonTable() throws(PlanError) -> String? {
        let table = try energy.readTrace(limit: WireLimits.traceBytes)
        energy.trace = nil
        return table?.text
    }
}
