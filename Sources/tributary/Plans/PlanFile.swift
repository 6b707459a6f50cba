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
        let text = try read(path)
        let root: Node?
        do {
            root = try compose(yaml: text)
        } catch let error as YamlError {
            throw CommandFailure(.badData, "\(path): \(firstLine(of: "\(error)"))")
        }
        guard let root, root != Node("") else { return }
        guard case .mapping(let sections) = root else {
            throw CommandFailure(.badData, "\(path): a plan is a list of 'key: value' lines, as in 'rounds: 20'")
        }
        var seen: Set<String> = []
        for (key, value) in sections {
            try apply(key, value, under: nil, of: path, to: &plan, &seen)
        }
    }

    private static func apply(
        _ key: Node, _ value: Node, under section: String?, of path: String, to plan: inout Plan, _ seen: inout Set<String>
    ) throws {
        let name = [section, key.string ?? "?"].compactMap { $0 }.joined(separator: ".")
        let place = "\(path):\(key.mark?.line ?? 1)"
        switch value {
        case .mapping(let fields) where section == nil:
            for (inner, value) in fields { try apply(inner, value, under: name, of: path, to: &plan, &seen) }
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
            throw CommandFailure(.badData, "\(place): \(name) must have one value, as in '\(key.string ?? "key"): value'")
        }
    }

    private static func read(_ path: String) throws -> String {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CommandFailure(.missingInput, "\(path): there is no such plan file")
        }
        guard !isFolder.boolValue, let bytes = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.inputOutput, "\(path): cannot be read as a file")
        }
        guard bytes.count <= 1 << 20, let text = String(data: bytes, encoding: .utf8) else {
            throw CommandFailure(.badData, "\(path): is not a plan; plans are short UTF-8 texts")
        }
        return text
    }

    private static func firstLine(of text: String) -> String {
        text.split(separator: "\n").prefix(2).joined(separator: " ")
    }
}
