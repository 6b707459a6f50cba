import Foundation

extension FleetReport: CustomStringConvertible {
    /// The report as people read it.
    public var description: String {
        var lines = [headline, ""]
        lines.append(Self.row(["call", "count", "p50 ms", "p90 ms", "p99 ms", "max ms", "errors"]))
        for call in FleetCall.allCases {
            guard let figures = calls[call.rawValue] else { continue }
            let times = [figures.p50, figures.p90, figures.p99, figures.max].map { Self.fixed($0, $0 < 100 ? 1 : 0) }
            lines.append(
                Self.row([call.rawValue, "\(figures.count)"] + times + [Self.list(figures.errors)]))
        }
        lines.append("")
        lines.append("bytes      \(Self.bytes(bytes.up)) up, \(Self.bytes(bytes.down)) down (\(rate))")
        lines.append(taskLine)
        if !faults.isEmpty { lines.append("faults     \(Self.list(faults))") }
        if let run { lines.append(run.line) }
        if let failure = clients.firstFailure {
            lines.append("\(clients.failed) clients gave up; the first: \(failure)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// One line of how it is going.
    public var progressLine: String {
        let errors = calls.values.reduce(0) { $0 + $1.errors.values.reduce(0, +) }
        var text = "\(Self.fixed(seconds, 0)) s: \(clients.registered) registered, \(tasks.received) tasks, "
        text += "\(tasks.receipts["accepted"] ?? 0) accepted, \(tasks.open) in hand, \(errors) errors"
        if let run {
            text += "; \(run.name): round \(run.rounds) of \(run.plannedRounds), "
            text += "\(Self.fixed(run.roundsPerSecond, 2)) rounds/s"
            if let accuracy = run.testAccuracy { text += ", \(Self.fixed(100 * accuracy, 2)) % right" }
        }
        return text
    }

    private var headline: String {
        var text = "\(clients.count) clients (\(clients.registered) registered) in \(Self.fixed(seconds, 1)) s"
        if clients.returns > 0 { text += "; came back \(clients.returns) times" }
        if clients.identityChanges > 0 { text += "; \(clients.identityChanges) lost their identity" }
        return text
    }

    private var rate: String {
        let perSecond = seconds > 0 ? Double(bytes.up + bytes.down) / seconds : 0
        return "\(Self.fixed(perSecond / 1e6, 2)) MB/s"
    }

    private var taskLine: String {
        var parts = ["\(tasks.received) received"]
        if tasks.resumed > 0 { parts.append("\(tasks.resumed) resumed") }
        if !tasks.receipts.isEmpty { parts.append(Self.list(tasks.receipts)) }
        if tasks.duplicates > 0 { parts.append("\(tasks.duplicates) answered as duplicates") }
        if !tasks.givenBack.isEmpty { parts.append("given back: \(Self.list(tasks.givenBack))") }
        for (count, word) in [(tasks.over, "over"), (tasks.vanished, "vanished"), (tasks.unfinished, "unfinished")]
        where count > 0 {
            parts.append("\(count) \(word)")
        }
        return "tasks      " + parts.joined(separator: ", ")
    }

    private static func row(_ cells: [String]) -> String {
        var line = cells[0].padding(toLength: 13, withPad: " ", startingAt: 0)
        for cell in cells[1..<(cells.count - 1)] {
            line += String(repeating: " ", count: max(0, 10 - cell.count)) + cell
        }
        return (line + "  " + (cells.last ?? "")).trimmingEnd
    }

    private static func list(_ counts: [String: Int]) -> String {
        counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }

    static func fixed(_ value: Double, _ places: Int) -> String { String(format: "%.\(places)f", value) }

    private static func bytes(_ count: Int) -> String { "\(fixed(Double(count) / 1e6, 2)) MB" }
}

extension FleetReport.Run {
    fileprivate var line: String {
        var text = "run        \(name): \(state), \(rounds) of \(plannedRounds) rounds in "
        text += "\(FleetReport.fixed(seconds, 1)) s, \(FleetReport.fixed(roundsPerSecond, 2)) rounds/s"
        if let testAccuracy { text += "; test accuracy \(FleetReport.fixed(100 * testAccuracy, 2)) %" }
        if let federatedAccuracy {
            text += "; accuracy on clients' data \(FleetReport.fixed(100 * federatedAccuracy, 2)) %"
        }
        if let trainLoss { text += "; training loss \(FleetReport.fixed(trainLoss, 4))" }
        return reason.isEmpty ? text : "\(text) (\(reason))"
    }
}

extension String {
    fileprivate var trimmingEnd: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
