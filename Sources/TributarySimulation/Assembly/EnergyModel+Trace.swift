import Foundation
import TributaryCore

extension EnergyModel {
    /// The most bytes of a trace that are read.
    private static let traceLimit = 256_000_000

    /// The model of a resolved plan, with its trace read from its file; nil if the plan counts no energy.
    ///
    /// - Throws: `PlanError` that names the file, and the line where one is wrong.
    init?(reading plan: Plan) throws(PlanError) {
        guard plan.energy.isCounted else { return nil }
        guard let path = plan.energy.trace else {
            self.init(plan, trace: nil)
            return
        }
        guard let file = FileHandle(forReadingAtPath: path), let bytes = try? file.read(upToCount: Self.traceLimit + 1)
        else {
            throw PlanError(
                "energy.trace: \(path) cannot be read, or is empty; give a CSV file with time, region, gCO2e per kWh")
        }
        guard bytes.count <= Self.traceLimit, let text = String(data: bytes, encoding: .utf8) else {
            throw PlanError("energy.trace: \(path) is no text of at most \(Self.traceLimit / 1_000_000) MB")
        }
        do throws(PlanError) {
            self.init(plan, trace: try CarbonTrace(csv: text))
        } catch {
            throw PlanError("energy.trace: \(path): \(error.description)")
        }
    }
}
