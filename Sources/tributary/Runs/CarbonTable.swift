import TributaryCore
import TributarySimulation
import TributaryWire

extension Plan {
    /// The regions of the plan's carbon intensities; none if it has no table.
    func carbonRegions() throws(PlanError) -> [String] {
        try energy.readTrace(limit: WireLimits.traceBytes)?.trace.names ?? []
    }

    /// Reads the table of carbon intensities of a plan that goes to a server, for which a path here means nothing: its contents go
    /// with the run. Nil if the plan names none.
    ///
    /// - Throws: `PlanError` that names the file, and the line where one is wrong.
    mutating func takeCarbonTable() throws(PlanError) -> String? {
        let table = try energy.readTrace(limit: WireLimits.traceBytes)
        // A server that does not know of such tables refuses the field, and does not run without it.
        if table != nil { energy.trace = "carbon_trace" }
        return table?.text
    }
}
