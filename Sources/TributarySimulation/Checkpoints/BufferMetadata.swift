import Foundation
import TributaryCore

/// How a checkpoint holds who is at work between two steps: tasks as metadata, their models as vectors beside the newest.
extension BufferState {
    private static let keys = (tasks: "buffer_tasks", last: "buffer_last_task", versions: "buffer_versions")

    /// The state without its models.
    var metadata: [String: String] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return [
                Self.keys.tasks: String(decoding: try encoder.encode(tasks), as: UTF8.self),
                Self.keys.last: String(lastTask),
                Self.keys.versions: versions.map { String($0.rawValue) }.joined(separator: ","),
            ]
        }
    }

    /// Reads what `metadata` wrote, with empty models; nil where there is none.
    init?(_ metadata: [String: String]) throws(Checkpoint.FormatError) {
        guard let text = metadata[Self.keys.tasks] else { return nil }
        self.init()
        let words = (metadata[Self.keys.versions] ?? "").split(separator: ",")
        let numbers = words.compactMap { Int($0) }
        do {
            tasks = try JSONDecoder().decode([BufferMachine.Task].self, from: Data(text.utf8))
        } catch {
            throw Checkpoint.FormatError(description: "its clients at work cannot be read")
        }
        guard let last = UInt64(metadata[Self.keys.last] ?? ""), numbers.count == words.count,
            numbers.allSatisfy({ $0 >= 0 }),
            Set(numbers).count == numbers.count, Set(tasks.map(\.client)).count == tasks.count,
            tasks.allSatisfy({ $0.number >= 1 && $0.number <= last && last < 1 << 60 && $0.version.rawValue >= 0 }),
            zip(tasks, tasks.dropFirst()).allSatisfy({ $0.number < $1.number })
        else { throw Checkpoint.FormatError(description: "its clients at work contradict each other") }
        lastTask = last
        for number in numbers { models[ModelVersion(number)] = [] }
    }

    /// The names of the models' vectors.
    static func tensorNames(_ versions: [ModelVersion]) -> [String] { versions.map { "version-\($0.rawValue)" } }
}

extension OptimiserState {
    /// These vectors and the models that somebody is at work on.
    func followed(by buffer: BufferState?) -> OptimiserState {
        guard let buffer, !buffer.models.isEmpty else { return self }
        let versions = buffer.versions
        return OptimiserState(
            form: form, names: names + BufferState.tensorNames(versions),
            values: values + versions.flatMap { buffer.models[$0] ?? [] })
    }
}
