import Foundation
import Yams

/// A short YAML (or JSON) text of `key: value` lines, some of them under sections: a plan, or a server's settings.
struct SectionedFile {
    /// What the file is to be.
    struct Form {
        /// What a person calls it: `plan`.
        var kind: String
        /// A line of it.
        var example: String
        /// Its sections.
        var sections: Set<String>
    }

    /// One value.
    struct Entry {
        /// `section.key`, or `key` at the top level.
        var name: String
        var text: String
        /// The file and the line it stands in.
        var place: String
    }

    /// The values in the order of the file. No name is there twice.
    private(set) var entries: [Entry] = []
    private let path: String
    private let form: Form

    /// Reads a file. Errors name it as `name`, and the line.
    init(_ path: String, _ form: Form, calledBy name: String) throws {
        self.path = name == "-" ? path : name
        self.form = form
        let text = try read(path)
        let root: Node?
        do {
            root = try compose(yaml: text)
        } catch let error as YamlError {
            throw CommandFailure(.badData, YAMLProblem(error, in: text).description(in: self.path))
        }
        guard let root, root != Node("") else { return }
        guard case .mapping(let sections) = root else {
            throw CommandFailure(
                .badData, "\(self.path): a \(form.kind) is made of 'key: value' lines, as in '\(form.example)'")
        }
        var seen: Set<String> = []
        for (key, value) in sections { try add(key, value, under: nil, &seen) }
    }

    private mutating func add(_ key: Node, _ value: Node, under section: String?, _ seen: inout Set<String>) throws {
        let place = "\(path):\(key.mark?.line ?? 1)"
        guard let word = key.string else {
            throw CommandFailure(.badData, "\(place): a key must be one word, as in '\(form.example)'")
        }
        let name = [section, word].compactMap { $0 }.joined(separator: ".")
        switch value {
        case .mapping(let fields) where section == nil:
            for (inner, value) in fields { try add(inner, value, under: name, &seen) }
        case .scalar(let scalar) where scalar.string.isEmpty && section == nil && form.sections.contains(name):
            break  // A section all of whose values are left out.
        case .scalar(let scalar):
            guard seen.insert(name).inserted else {
                throw CommandFailure(.badData, "\(place): \(name) is given twice; leave one of them out")
            }
            entries.append(Entry(name: name, text: scalar.string, place: place))
        default:
            throw CommandFailure(.badData, "\(place): \(name) must have one value, as in '\(word): value'")
        }
    }

    private static let sizeLimit = 1 << 20

    private func read(_ path: String) throws -> String {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CommandFailure(
                .missingInput, "\(path.isEmpty ? "''" : path): there is no such \(form.kind) file")
        }
        guard !isFolder.boolValue else {
            throw CommandFailure(.inputOutput, "\(path): is a folder, not a \(form.kind) file")
        }
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw CommandFailure(.inputOutput, "\(path): cannot be read; check its permissions")
        }
        var bytes = Data()
        while bytes.count <= Self.sizeLimit {
            guard let chunk = try? file.read(upToCount: 1 << 16), !chunk.isEmpty else { break }
            bytes += chunk
        }
        guard bytes.count <= Self.sizeLimit, let text = String(data: bytes, encoding: .utf8) else {
            throw CommandFailure(
                .badData, "\(path): is not a \(form.kind); \(form.kind)s are short UTF-8 texts")
        }
        return text
    }
}
