import Foundation
import Synchronization
import TributaryClient
import TributaryCore
import TributaryLearning

/// Prints what a client does: lines for people, or a JSON object a line.
final class JoinPrinter: ClientObserver {
    private let isQuiet: Bool
    private let isJSON: Bool
    /// Failures that people have read of since it last went well: a server that is away for an hour is one line.
    private let told = Mutex<Set<String>>([])
    private let personalTask = Mutex<TaskDescription?>(nil)
    /// The last task of a run whose clients have models of their own.
    var lastPersonalTask: TaskDescription? { personalTask.withLock { $0 } }

    init(isQuiet: Bool, isJSON: Bool) {
        self.isQuiet = isQuiet
        self.isJSON = isJSON
    }

    /// Says with what the client takes part.
    func begins(_ data: LocalData, _ settings: ClientSettings) {
        say(
            "joining", ["server": settings.server, "examples": "\(data.exampleCount)", "data": "\(data.signature)"],
            "joining \(settings.server) with \(data.exampleCount) examples to train on; data: \(data.signature)")
    }

    /// Says that the request to stop was heard.
    func stopRequested() {
        guard !isQuiet else { return }
        Console.error("stopping after the task at hand; press Ctrl-C again to stop at once")
    }

    func observed(_ event: ClientEvent) {
        switch event {
        case .registered(let id, let version):
            say("registered", ["client": "\(id.rawValue)"], "registered as client \(id.rawValue) (server \(version))")
        case .resumed(let id): say("resumed", ["task": "\(id)"], "\(id): handing in what was finished before")
        case .taskReceived(let task):
            if task.personal != nil { personalTask.withLock { $0 = task } }
            say(
                "task", ["task": "\(task.id)", "model": task.modelName],
                "\(task.id): \(task.modelName), \(task.layout.count) parameters")
        case .declined(let id, let reason): say("declined", ["task": id?.description ?? ""], "declined: \(reason)")
        case .downloaded(let id, let bytes, let time):
            detail("downloaded", id, ["bytes": "\(bytes)", "seconds": Self.seconds(time)])
        case .worked(let id, let result, let time): worked(id, result, time)
        case .uploaded(let id, let bytes, let time):
            detail("uploaded", id, ["bytes": "\(bytes)", "seconds": Self.seconds(time)])
        case .receipt(let id, let receipt, _):
            let word = Self.word(receipt.verdict) + (receipt.isDuplicate ? ", handed in before" : "")
            say(
                "receipt",
                ["task": "\(id)", "verdict": Self.word(receipt.verdict), "duplicate": "\(receipt.isDuplicate)"],
                "\(id): \(word)")
        case .gaveBack(let id, let failure):
            say(
                "gave-back", ["task": "\(id)", "cause": failure.cause.rawValue, "reason": failure.message],
                "\(id): given back: \(failure.message)", isProblem: true)
        case .taskOver(let id): say("over", ["task": "\(id)"], "\(id): the round closed before")
        case .failed(_, let error):
            let isNews = told.withLock { $0.insert(error.message).inserted }
            guard isJSON || isNews else { return }
            say("failed", ["reason": error.message], "\(error.message); trying again", isProblem: true)
        case .recovered:
            told.withLock { $0 = [] }
            say("recovered", [:], "it works again")
        case .stateNotKept(let error): say("state", ["reason": error.message], error.message, isProblem: true)
        case .stateSetAside(let remark): say("state", ["reason": remark], remark, isProblem: true)
        }
    }

    private func worked(_ id: TaskID, _ result: TaskResult, _ time: Duration) {
        switch result {
        case .trained(let update):
            let loss = update.outcome.meanLoss
            say(
                "trained",
                [
                    "task": "\(id)", "examples": "\(update.outcome.exampleCount)", "loss": "\(loss)",
                    "seconds": Self.seconds(time),
                ],
                "\(id): trained on \(update.outcome.exampleCount) examples in \(Self.seconds(time)) s, loss "
                    + String(format: "%.4g", loss))
        case .evaluated(let evaluation, _, let own):
            let accuracy = evaluation.accuracy.map { String(format: ", %.2f %% right", 100 * $0) } ?? ""
            let ownAccuracy = own?.accuracy.map { String(format: ", by its own model %.2f %%", 100 * $0) } ?? ""
            var fields = [
                "task": "\(id)", "examples": "\(evaluation.exampleCount)", "loss": "\(evaluation.loss ?? .nan)",
                "seconds": Self.seconds(time),
            ]
            if let loss = own?.loss { fields["own-loss"] = "\(loss)" }
            say(
                "evaluated", fields,
                "\(id): scored on \(evaluation.exampleCount) examples in \(Self.seconds(time)) s\(accuracy)\(ownAccuracy)"
            )
        case .measured(let loss):
            say(
                "measured", ["task": "\(id)", "loss": "\(loss)", "seconds": Self.seconds(time)],
                "\(id): measured in \(Self.seconds(time)) s, loss " + String(format: "%.4g", loss))
        }
    }

    /// What programs may want to know, and people not.
    private func detail(_ event: String, _ id: TaskID, _ fields: [String: String]) {
        if isJSON { say(event, fields.merging(["task": "\(id)"]) { $1 }, "") }
    }

    private func say(_ event: String, _ fields: [String: String], _ line: String, isProblem: Bool = false) {
        if isQuiet { return }
        let now = Date()
        guard isJSON else {
            let text = "\(now.formatted(Self.clockTime)) \(isProblem ? "note: " : "")\(plain(line))"
            return isProblem ? Console.error(text) : Console.line(text)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let time = now.ISO8601Format(.init(includingFractionalSeconds: true))
        let object = fields.merging(["event": event, "time": time]) { $1 }
        Console.line(String(decoding: (try? encoder.encode(object)) ?? Data(), as: UTF8.self))
    }

    /// The time of day here, to the second.
    private static let clockTime = Date.VerbatimFormatStyle(
        format: """
            \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits)
            """,
        timeZone: .autoupdatingCurrent, calendar: Calendar(identifier: .gregorian))

    private static func seconds(_ time: Duration) -> String {
        let (seconds, attoseconds) = time.components
        return String(format: "%.2f", Double(seconds) + Double(attoseconds) / 1e18)
    }

    private static func word(_ verdict: RoundMachine.Answer) -> String {
        switch verdict {
        case .accepted: "accepted"
        case .late: "too late for the round"
        case .refused(let refusal): "refused (\(refusal.rawValue))"
        case .notInvited: "not asked for"
        }
    }
}
