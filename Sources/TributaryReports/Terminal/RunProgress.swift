public import TributaryCore

/// What to tell somebody who waits for a run: facts in, text out. Who calls it writes the text.
///
/// ```swift
/// var progress = RunProgress(totalRounds: 200, style: ProgressStyle(.lines))
/// output.write(progress.roundEnded(summary))
/// output.write(progress.runEnded(record, report: folder.reportPath))
/// ```
public struct RunProgress: Sendable {
    /// The rounds of the whole run.
    public let totalRounds: Int
    /// How it is said.
    public let style: ProgressStyle

    /// Rounds of this sitting and the real seconds they took, from which the rest is estimated.
    private var sittingRounds = 0
    private var sittingSeconds = 0.0
    private var lastTest: Score?
    /// What the last round left of a client's privacy; nil without any.
    private(set) var lastPrivacy: RoundSummary.PrivacySpending?

    /// The progress of a run about to begin or to be resumed.
    public init(totalRounds: Int, style: ProgressStyle) {
        (self.totalRounds, self.style) = (totalRounds, style)
    }

    /// Takes in the last round of an earlier sitting.
    public mutating func goesOn(after round: RoundSummary) {
        lastTest = round.test ?? lastTest
        lastPrivacy = round.privacy
    }

    /// The text for a round that has ended.
    public mutating func roundEnded(_ round: RoundSummary) -> String {
        sittingRounds += 1
        sittingSeconds += round.timing.realSeconds
        goesOn(after: round)
        switch style.form {
        case .bar(let width): return bar(round, width: width)
        case .lines: return line(round)
        case .json: return Self.json(RoundEvent(summary: round))
        }
    }

    /// The text after the last round: a summary of the run, and where its report is.
    public func runEnded(_ record: RunRecord, report: String?) -> String {
        switch style.form {
        case .bar(let width): "\r" + String(repeating: " ", count: max(0, width - 1)) + "\r" + summary(record, report)
        case .lines: summary(record, report)
        case .json: Self.json(RunEvent(record: record))
        }
    }

    /// Real seconds the remaining rounds would take at this sitting's pace; nil if none is left or known.
    private func remainingSeconds(after round: RoundSummary) -> Double? {
        let left = totalRounds - round.round.rawValue
        return left > 0 && sittingSeconds.isFinite ? sittingSeconds / Double(sittingRounds) * Double(left) : nil
    }
}

// MARK: - JSON

extension RunProgress {
    private struct RoundEvent: Encodable {
        let event = "round"
        let summary: RoundSummary
    }

    private struct RunEvent: Encodable {
        let event = "run"
        let record: RunRecord
    }

    private static func json(_ event: some Encodable) -> String {
        String(decoding: RecordCoding.encode(event), as: UTF8.self) + "\n"
    }
}

// MARK: - A line for a round

extension RunProgress {
    private func line(_ round: RoundSummary) -> String {
        var parts = [style.paint("round \(round.round.rawValue)/\(totalRounds)", .bold)]
        if round.outcome == .abandoned {
            let causes = DropCause.allCases.compactMap { cause in
                round.participation.dropped[cause].map { "\($0) \(cause.rawValue)" }
            }
            let why = causes.isEmpty ? "" : " (\(causes.joined(separator: ", ")))"
            parts.append(style.paint("abandoned" + why, .yellow))
        }
        if let test = round.test {
            if let accuracy = test.accuracy { parts.append(style.paint("test \(Figures.percent(accuracy))", .green)) }
            parts.append("loss \(Figures.number(test.loss))")
        } else if let loss = round.trainLoss {
            parts.append("training loss \(Figures.number(loss))")
        }
        let who = round.participation
        parts.append("\(who.reported) of \(who.invited) clients")
        if let epsilon = round.privacy?.epsilon { parts.append("ε \(Figures.number(epsilon))") }
        if round.timing.virtualElapsed > 0 { parts.append("virtual \(Figures.seconds(round.timing.virtualElapsed))") }
        return spaced(parts.joined(separator: "  ")) + "\n"
    }

    /// "\r" and a line of exactly `width` − 1 characters, so that it covers the one before and never wraps. What does
    /// not fit is left out, the least important first.
    private func bar(_ round: RoundSummary, width: Int) -> String {
        let room = max(1, width - 1)
        let done = round.round.rawValue
        var parts = ["\(done)/\(totalRounds)"]
        if let accuracy = lastTest?.accuracy {
            parts.append(Figures.percent(accuracy))
        } else if let loss = lastTest?.loss {
            parts.append("loss \(Figures.number(loss))")
        }
        parts.append("\(round.participation.reported)/\(round.participation.invited) clients")
        if let seconds = remainingSeconds(after: round) { parts.append("\(Figures.seconds(seconds)) left") }
        while parts.count > 1, parts.joined(separator: "  ").count > room { parts.removeLast() }
        let text = String(parts.joined(separator: "  ").prefix(room))
        let barRoom = min(40, room - text.count - 2)
        let (bar, length) = barRoom >= 8 ? (drawn(done, of: barRoom), barRoom + 2) : ("", 0)
        let padding = String(repeating: " ", count: room - length - text.count)
        return "\r" + bar + spaced(text) + padding
    }

    private func drawn(_ done: Int, of width: Int) -> String {
        let share = totalRounds > 0 ? min(1, max(0, Double(done) / Double(totalRounds))) : 0
        let full = Int(share * Double(width))
        let (mark, rest) = style.usesUnicode ? ("█", "░") : ("#", ".")
        let line = style.paint(String(repeating: mark, count: full), .green)
        return line + style.paint(String(repeating: rest, count: width - full), .dim) + "  "
    }

    private func spaced(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\u{202F}" ? " " : $0 }))
    }
}
