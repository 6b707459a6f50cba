import Foundation
import Logging
import TributaryServer

/// Log lines on standard error, for people or for programs.
struct LogLines: LogHandler {
    private let format: ServerSettings.Log.Format
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(format: ServerSettings.Log.Format, logLevel: Logger.Level) {
        self.format = format
        self.logLevel = logLevel
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let time = Date().ISO8601Format(.init(includingFractionalSeconds: true))
        switch format {
        case .text:
            let tail = fields.map { " \($0.key)=\(Self.plain("\($0.value)"))" }.joined()
            let level = event.level.rawValue
            let column = level + String(repeating: " ", count: max(1, 9 - level.count))
            Console.error("\(time) \(column)\(Self.plain("\(event.message)", quotes: false))\(tail)")
        case .json:
            var object = ["time": time, "level": event.level.rawValue, "message": "\(event.message)"]
            for (key, value) in fields where object[key] == nil { object[key] = "\(value)" }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            guard let line = try? encoder.encode(object) else { return }
            Console.error(String(decoding: line, as: UTF8.self))
        }
    }

    /// One line, and where it has spaces one word, whatever a client may have called itself.
    private static func plain(_ text: String, quotes: Bool = true) -> String {
        let scalars = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? "\u{FFFD}" : $0 }
        let line = String(String.UnicodeScalarView(scalars))
        guard quotes, line.contains(" ") || line.contains("\"") || line.isEmpty else { return line }
        return "\"" + line.replacing("\"", with: "'") + "\""
    }
}
