import Foundation
import Yams

/// What is wrong with a text that should be YAML, and in which line.
struct YAMLProblem {
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
