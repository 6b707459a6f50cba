import Foundation
import TributaryBLAS
public import TributaryCore

extension RunRecord.Machine {
    /// The machine we run on.
    public static func current(workers: Int) -> RunRecord.Machine {
        let info = ProcessInfo.processInfo
        let blas = BLAS.configuration
        return RunRecord.Machine(
            processor: processorName() ?? "unknown", cores: info.activeProcessorCount,
            memoryBytes: Int(clamping: info.physicalMemory), system: info.operatingSystemVersionString,
            swift: swiftVersion, blas: "\(blas.library.trimmed), core \(blas.coreType), kernels \(blas.kernels)",
            workers: workers)
    }

    private static func processorName() -> String? {
        guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":").last.map { String($0).trimmed }
    }

    private static var swiftVersion: String {
        #if compiler(>=6.4)
            "6.4 or newer"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }
}

extension String {
    fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
