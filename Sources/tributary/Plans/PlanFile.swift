import Foundation
import TributaryCore
import Yams

/// Reads plan files: YAML (or JSON, which is YAML) whose sections and keys are the fields of a plan.
///
/// ```yaml
/// rounds: 20
/// model: mlp:200,200
/// data:
///   set: fashion-mnist
///   clients: 100
/// ```
enum PlanFile {
    /// Sets every field that the file says. Errors name the file and the line.
    static func apply(_ path: String, to plan: inout Plan) throws {
        let text = try read(path == "-" ? "/dev/stdin" : path)
        let root: Node?
        do {
            root = try compose(yaml: text)
        } catch let error as YamlError {
            throw CommandFailure(.badData, YAMLProblem(error, in: text).description(in: path))
        }
        guard let root, root != Node("") else { return }
        guard case .mapping(let sections) = root else {
            throw CommandFailure(.badData, "\(path): a plan is made of 'key: value' lines, as in 'rounds: 20'")
        }
        var seen: Set<String> = []
        for (key, value) in sections {
            try apply(key, value, under: nil, of: path, to: &plan, &seen)
        }
    }

    private static func apply(
        _ key: Node, _ value: Node, under section: String?, of path: String, to plan: inout Plan,
        _ seen: inout Set<String>
    ) throws {
        let place = "\(path):\(key.mark?.line ?? 1)"
        guard let word = key.string else {
            throw CommandFailure(.badData, "\(place): a key must be one word, as in 'rounds: 20'")
        }
        let name = [section, word].compactMap { $0 }.joined(separator: ".")
        switch value {
        case .mapping(let fields) where section == nil:
            for (inner, value) in fields { try apply(inner, value, under: name, of: path, to: &plan, &seen) }
        case .scalar(let scalar) where scalar.string.isEmpty && section == nil && sections.contains(name):
            break  // A section all of whose fields are left out.
        case .scalar(let scalar):
            guard seen.insert(name).inserted else {
                throw CommandFailure(.badData, "\(place): \(name) is given twice; leave one of them out")
            }
            do {
                try plan.set(name, to: scalar.string)
            } catch {
                throw CommandFailure(.badData, "\(place): \(error)")
            }
        default:
            throw CommandFailure(.badData, "\(place): \(name) must have one value, as in '\(word): value'")
        }
    }

    private static let sections = Set(PlanField.all.map(\.section))

    private static let sizeLimit = 1 << 20

    private static func read(_ path: String) throws -> String {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CommandFailure(.missingInput, "\(path.isEmpty ? "''" : path): there is no such plan file")
        }
        guard !isFolder.boolValue else { throw CommandFailure(.inputOutput, "\(path): is a folder, not a plan file") }
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw CommandFailure(.inputOutput, "\(path): cannot be read; check its permissions")
        }
        var bytes = Data()
        while bytes.count <= sizeLimit {
            guard let chunk = try? file.read(upToCount: 1 << 16), !chunk.isEmpty else { break }
            bytes += chunk
        }
        guard bytes.count <= sizeLimit, let text = String(data: bytes, encoding: .utf8) else {
            throw CommandFailure(.badData, "\(path): is not a plan; plans are short UTF-8 texts")
        }
        return text
    }
}

/// What is wrong with a text that should be YAML, and in which line.
private struct YAMLProblem {
    let line: Int?
    let problem: String

    init(_ error: YamlError, in text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            line = mark.line
            let indent = lines.indices.contains(mark.line - 1) ? lines[mark.line - 1].prefix { $0.isWhitespace } : ""
            self.problem =
                indent.contains("\t") ? "the line begins with a tab; indent with spaces" : "not YAML: \(problem)"
        case .duplicatedKeysInMapping(let keys, let context):
            let key = keys.sorted().joined(separator: ", ")
            let places = lines.indices.filter { place in
                place >= context.mark.line - 1 && lines[place].drop { $0 == " " }.hasPrefix("\(key):")
            }
            line = places.count > 1 ? places[1] + 1 : nil
            problem = "\(key) is given twice; leave one of them out"
        case .reader(let problem, _, _, _):
            line = nil
            self.problem = "not YAML: \(problem)"
        default:
            line = nil
            problem = "not YAML"
        }
    }

    func description(in path: String) -> String {
        let place = line.map { "\(path):\($0)" } ?? path
        return "\(place): \(problem)"
    }
}
