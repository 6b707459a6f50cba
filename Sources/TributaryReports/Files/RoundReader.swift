import Foundation
import TributaryCore

/// Reads the lines of a `rounds.jsonl`, and holds every figure to what sums and charts rely on.
struct RoundReader {
    let path: String

    private var last = 0
    private var sum = 0
    private var line = 0

    init(path: String) {
        self.path = path
    }

    /// The rounds. A last line without its end is passed over unless it is whole.
    mutating func read(_ content: Data) throws(ReportError) -> [RoundSummary] {
        let (rounds, damage) = readUpToDamage(content)
        if let damage { throw damage }
        return rounds
    }

    /// The rounds before the first damaged line, and what is wrong with it.
    mutating func readUpToDamage(_ content: Data) -> (rounds: [RoundSummary], damage: ReportError?) {
        var rounds: [RoundSummary] = []
        var start = content.startIndex
        while start < content.endIndex {
            let end = content[start...].firstIndex(of: UInt8(ascii: "\n"))
            let text = content[start..<(end ?? content.endIndex)]
            line += 1
            do throws(ReportError) {
                rounds.append(try readLine(Data(text)))
            } catch {
                return (rounds, end == nil ? nil : error)
            }
            start = (end ?? content.endIndex - 1) + 1
        }
        return (rounds, nil)
    }

    private mutating func readLine(_ text: Data) throws(ReportError) -> RoundSummary {
        let round = try RecordCoding.decode(RoundSummary.self, from: text, path: path, line: line)
        guard (1...1 << 52).contains(round.round.rawValue), round.modelVersion.rawValue >= 0 else {
            throw damage("the round or the model version is out of range")
        }
        guard round.round.rawValue > last else {
            throw damage("round \(round.round.rawValue) comes after round \(last)")
        }
        last = round.round.rawValue
        try checkCounts(round)
        let scores = [round.federated, round.personal].compactMap(\.self)
        let spreads = scores.flatMap { [$0.accuracy, $0.loss] }.compactMap(\.self)
        guard spreads.allSatisfy({ $0.quantiles.count == FederatedScore.Spread.quantileShares.count }) else {
            throw damage("a spread over clients needs \(FederatedScore.Spread.quantileShares.count) quantiles")
        }
        return round
    }

    /// Counts are not negative, and all of them together can be added up without overflow.
    private mutating func checkCounts(_ round: RoundSummary) throws(ReportError) {
        let who = round.participation
        var counts = [who.invited, who.reported, who.duplicates, round.traffic.bytesDown, round.traffic.bytesUp]
        counts += who.dropped.values
        counts += [round.test?.exampleCount].compactMap(\.self)
        for score in [round.federated, round.personal].compactMap(\.self) {
            counts += [score.clientCount, score.mean.exampleCount]
        }
        for count in counts {
            let (total, overflow) = sum.addingReportingOverflow(count)
            guard count >= 0, !overflow else { throw damage("a count is negative or too large") }
            sum = total
        }
    }

    private func damage(_ message: String) -> ReportError {
        ReportError(.damaged, path: path, line: line, message)
    }
}
