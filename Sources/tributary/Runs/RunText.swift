import Foundation
import SwiftProtobuf
import TributaryCore
import TributaryWire

/// Runs as text.
enum RunText {
    /// The name, if a run can have it.
    static func checked(_ name: String) throws -> String {
        guard RunID(rawValue: name) != nil else {
            throw CommandFailure(
                .usage,
                "'\(name)' is not a run's name; names are 1 to 64 lower-case letters, digits and hyphens, as in mnist-3"
            )
        }
        return name
    }

    /// A message as one line of JSON.
    static func json(_ message: some Message) throws -> String {
        String(decoding: try ConnectCoding.encode(message, as: .json), as: UTF8.self) + "\n"
    }

    /// What a run is doing, in a word.
    static func state(_ run: WireRun) -> String {
        switch run.state {
        case .waiting: "waiting"
        case .training: "training"
        case .evaluating: "evaluating"
        case .paused: "paused"
        case .completed: "completed"
        case .stopped: "stopped"
        case .failed: "failed"
        case .unspecified, .UNRECOGNIZED: "unknown"
        }
    }

    /// A run in a line.
    static func line(_ run: WireRun) -> String {
        let reason = run.reason.isEmpty ? "" : " (\(run.reason))"
        return plain("\(run.run): \(state(run))\(reason), round \(run.lastRound) of \(run.plannedRounds)") + "\n"
    }

    /// A table of runs.
    static func table(_ runs: [WireRun]) -> String {
        let rows = runs.map { run in
            [
                run.run, state(run), "\(run.lastRound)/\(run.plannedRounds)",
                run.hasLastReport ? figure(run.lastReport) : "-",
                "\(run.presentClients)/\(run.registeredClients)", run.plan["model"] ?? "-", run.reason,
            ]
        }
        return TextTable(["run", "state", "rounds", "score", "clients", "model", ""], rows).text
    }

    /// All about a run.
    static func details(_ run: WireRun) -> String {
        var rows = [
            ["run", run.run],
            ["state", state(run) + (run.reason.isEmpty ? "" : " (\(run.reason))")],
            ["rounds", "\(run.lastRound) of \(run.plannedRounds)"],
            ["model", "\(run.plan["model"] ?? "-"), version \(run.modelVersion), \(run.model.size) bytes"],
            ["sha256", run.model.sha256],
            ["clients", "\(run.presentClients) here, \(run.registeredClients) registered that meet the target"],
        ]
        if run.lastReport.hasPrivacyDelta {
            let epsilon = run.lastReport.hasPrivacyEpsilon ? number(run.lastReport.privacyEpsilon) : "nothing"
            rows.append(["privacy", "\(epsilon) of ε spent, at δ = \(number(run.lastReport.privacyDelta))"])
        }
        if run.lastReport.hasEnergy {
            let parts = run.lastReport.energy.parts.map { "\($0.name) \(amount($0.amount))" }
            rows.append(["energy", "in the last round: " + parts.joined(separator: "; ")])
        }
        if run.invited > 0 { rows.append(["open round", "\(run.contributions) of \(run.invited) have contributed"]) }
        if run.hasTarget {
            let labels = run.target.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            if !labels.isEmpty { rows.append(["labels", labels.joined(separator: ", ")]) }
            if !run.target.minimumClientVersion.isEmpty {
                rows.append(["client version", "\(run.target.minimumClientVersion) or newer"])
            }
            if !run.target.dataSignature.isEmpty { rows.append(["data", run.target.dataSignature]) }
        }
        for (path, value) in run.plan.sorted(by: { $0.key < $1.key }) where PlanField.named(path)?.defaultText != value
        {
            rows.append(["plan", "\(path) = \(value)"])
        }
        return TextTable([], rows).text
    }

    /// A table of rounds; with a column for energy where it is counted.
    static func rounds(_ reports: [WireRoundReport]) -> String {
        let isCounted = reports.contains(where: \.hasEnergy)
        let rows = reports.map { report in
            let dropped = report.dropped.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            return [
                "\(report.round)", report.isCommitted ? "committed" : "abandoned",
                "\(report.reported)/\(report.invited)", report.hasTrainLoss ? number(report.trainLoss) : "-",
                figure(report), String(format: "%.2f s", report.seconds),
            ] + (isCounted ? [energy(report)] : []) + [dropped.joined(separator: ", ")]
        }
        let headings = ["round", "outcome", "clients", "training loss", "score", "time"]
        return TextTable(headings + (isCounted ? ["energy"] : []) + ["dropped"], rows).text
    }

    /// What a round took in all; a hyphen where nothing was counted.
    private static func energy(_ report: WireRoundReport) -> String {
        report.hasEnergy ? amount(report.energy.total) : "-"
    }

    private static func amount(_ amount: WireEnergyAmount) -> String {
        let energy = "\(number(amount.kwh)) kWh"
        return amount.hasGrams ? "\(energy), \(number(amount.grams)) gCO2e" : energy
    }

    /// The best that is known of how good a model is, and clients' own models beside it.
    private static func figure(_ report: WireRoundReport) -> String { globalFigure(report) + own(report) }

    private static func globalFigure(_ report: WireRoundReport) -> String {
        if report.hasTestAccuracy { return String(format: "%.2f %%", 100 * report.testAccuracy) }
        if report.hasTestLoss { return "loss \(number(report.testLoss))" }
        if report.hasFederatedAccuracy { return String(format: "%.2f %% on clients", 100 * report.federatedAccuracy) }
        if report.hasFederatedLoss { return "loss \(number(report.federatedLoss)) on clients" }
        return "-"
    }

    /// How clients' own models did beside it; empty where they have none.
    private static func own(_ report: WireRoundReport) -> String {
        if report.hasPersonalAccuracy {
            return String(format: ", %.2f %% by their own models", 100 * report.personalAccuracy)
        }
        return report.hasPersonalLoss ? ", \(number(report.personalLoss)) by their own models" : ""
    }

    private static func number(_ value: Double) -> String { String(format: "%.4g", value) }
}

/// Text from elsewhere without anything that a terminal would take as a command.
func plain(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) ? "?" : $0 }
    return String(String.UnicodeScalarView(scalars))
}

/// Columns that are as wide as they need to be.
struct TextTable {
    private let rows: [[String]]

    /// A table; without headings, rows alone. Cells lose whatever a terminal would take as a command.
    init(_ headings: [String], _ rows: [[String]]) {
        self.rows = ((headings.isEmpty ? [] : [headings]) + rows).map { $0.map(plain) }
    }

    /// The table's lines.
    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
            let line = cells.joined(separator: "  ")
            return String(line[..<(line.lastIndex { $0 != " " }.map { line.index(after: $0) } ?? line.startIndex)])
                + "\n"
        }.joined()
    }
}
