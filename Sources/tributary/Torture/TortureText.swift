import Foundation
import TributaryCore
import TributaryTorture

/// What came of tortured worlds, as text.
struct TortureText {
    var summary: TortureSummary
    /// Real seconds that it took.
    var seconds: Double

    /// For a person.
    func plain(withCoverage: Bool) -> String {
        var lines: [String] = []
        for failure in summary.failures.prefix(20) {
            lines.append("seed \(failure.seed):")
            lines += failure.violations.map { "  \($0)" }
        }
        lines.append(
            "\(summary.seedCount) \(summary.seedCount == 1 ? "seed" : "seeds") in \(figure(seconds)) s (\(figure(Double(summary.seedCount) / seconds)) a second), "
                + "\(summary.failures.count) failed")
        lines.append(
            "\(summary.eventCount) events in \(figure(summary.virtualSeconds / 3600)) hours of virtual time")
        lines.append(
            "\(summary.modelCount) models made and computed again (\(summary.privateCount) of them private), \(summary.abandonedCount) rounds given up, "
                + "\(summary.acceptedCount) receipts")
        lines.append("Faults:")
        lines += faults.filter { $0.count > 0 }.map { "  \(pad(String($0.count), to: 9))  \($0.kind)" }
        if withCoverage {
            lines.append("Facts told to machines in their states:")
            lines += pairs.map {
                "  \(pad(String($0.count), to: 9))  \($0.pair.machine.rawValue)  \($0.pair.state)  \($0.pair.fact)"
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// For a program.
    func json(withCoverage: Bool) throws -> String {
        struct Failure: Encodable {
            var seed: UInt64
            var violations: [String]
        }
        struct Pair: Encodable {
            var machine, state, fact: String
            var count: Int
        }
        struct Report: Encodable {
            var seeds: Int
            var seconds, virtualHours: Double
            var events, models, privateModels, abandonedRounds, receipts: Int
            var failures: [Failure]
            var faults: [String: Int]
            var coverage: [Pair]?
        }
        let report = Report(
            seeds: summary.seedCount, seconds: seconds, virtualHours: summary.virtualSeconds / 3600,
            events: summary.eventCount, models: summary.modelCount, privateModels: summary.privateCount,
            abandonedRounds: summary.abandonedCount,
            receipts: summary.acceptedCount,
            failures: summary.failures.map { Failure(seed: $0.seed, violations: $0.violations) },
            faults: summary.faults.counts,
            coverage: withCoverage
                ? pairs.map {
                    Pair(machine: $0.pair.machine.rawValue, state: $0.pair.state, fact: $0.pair.fact, count: $0.count)
                } : nil)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
    }

    private var faults: [(kind: String, count: Int)] {
        summary.faults.counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private var pairs: [(pair: Coverage.Pair, count: Int)] {
        summary.coverage.counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private func figure(_ value: Double) -> String {
        String(format: value < 10 ? "%.2f" : "%.0f", value)
    }

    private func pad(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
