import Foundation
package import TributaryCore

extension EnergyModel {
    /// The model of a resolved plan, with its trace read from its file; nil if the plan counts no energy.
    ///
    /// - Throws: `PlanError` that names the file, and the line where one is wrong.
    init?(reading plan: Plan) throws(PlanError) {
        guard plan.energy.isCounted else { return nil }
        let file = try plan.energy.readTrace()
        self.init(plan, trace: file?.trace)
    }
}

extension Plan.Energy {
    /// The most bytes of a trace that are read.
    private static let traceLimit = 256_000_000

    /// Reads the file of the trace; nil if the plan names none.
    ///
    /// - Parameter limit: the most bytes that are read.
    /// - Throws: `PlanError` that names the file, and the line where one is wrong.
    package func readTrace(limit: Int = traceLimit) throws(PlanError) -> (text: String, trace: CarbonTrace)? {
        guard let path = trace else { return nil }
        guard let file = FileHandle(forReadingAtPath: path), let bytes = try? file.read(upToCount: limit + 1) else {
            throw PlanError(
                "energy.trace: \(path) cannot be read, or is empty; give a CSV file with time, region, gCO2e per kWh")
        }
        guard bytes.count <= limit, let text = String(data: bytes, encoding: .utf8) else {
            let most = limit >= 1_000_000 ? "\(limit / 1_000_000) MB" : "\(limit) bytes"
            throw PlanError("energy.trace: \(path) is no text of at most \(most)")
        }
        do throws(PlanError) {
            return (text, try CarbonTrace(csv: text))
        } catch {
            throw PlanError("energy.trace: \(path): \(error.description)")
        }
    }
}
