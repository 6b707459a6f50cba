import ArgumentParser
import Foundation
import TributaryCore

/// The words of a command line, before they are parsed.
struct Arguments {
    /// The words.
    let words: [String]

    /// The words as they were given, but for negative numbers: `--rounds -1` becomes `--rounds=-1`, so that the answer
    /// is about the number and not about an unknown option.
    init(_ given: [String]) {
        var words: [String] = []
        for word in given {
            if let last = words.last, last.hasPrefix("--"), last.count > 2, !last.contains("="), Self.isNegative(word) {
                words[words.count - 1] = "\(last)=\(word)"
            } else {
                words.append(word)
            }
        }
        self.words = words
    }

    private static func isNegative(_ word: String) -> Bool {
        guard word.hasPrefix("-"), let next = word.dropFirst().first else { return false }
        return next.isNumber || next == "." || word == "-inf" || word == "-nan"
    }

    /// Names the nearest command for a word that is none.
    func checkCommands(of root: any ParsableCommand.Type) throws {
        var command = root
        for word in words {
            let commands = command.configuration.subcommands
            guard !commands.isEmpty, !word.hasPrefix("-"), word != "help" else { return }
            guard let next = commands.first(where: { $0.configuration.commandName == word }) else {
                let names = commands.compactMap { $0.configuration.commandName }
                throw CommandFailure(
                    .usage,
                    "there is no command '\(word)'\(Suggestion.sentence(for: word, in: names)); "
                        + "\(command.configuration.commandName ?? "tributary") knows \(names.joined(separator: ", "))")
            }
            command = next
        }
    }
}
