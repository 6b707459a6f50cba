import Foundation
import TributaryClient
import TributaryFleet

/// Prints how a fleet gets on: lines for people, or a JSON object a line, of which the last is the report.
struct FleetPrinter: Sendable {
    private let isQuiet: Bool
    private let isJSON: Bool

    init(_ style: OutputFlags) {
        (isQuiet, isJSON) = (style.quiet, style.json)
    }

    /// Says what is sent where.
    func begins(_ settings: FleetSettings, clientCount: Int) {
        guard !isQuiet, !isJSON else { return }
        Console.line("\(clientCount) clients to \(settings.client.server), \(settings.workers) train at a time")
    }

    /// Says that the request to stop was heard.
    func stopRequested() {
        guard !isQuiet else { return }
        Console.error("stopping; press Ctrl-C again to stop at once")
    }

    /// Says how it is going.
    func goesOn(_ report: FleetReport) {
        guard !isQuiet else { return }
        if isJSON { try? Console.line(Self.json(report)) } else { Console.line(report.progressLine) }
    }

    /// Prints the report; with --quiet only that.
    func ended(_ report: FleetReport) throws {
        if isJSON { Console.line(try Self.json(report)) } else { Console.text(report.description) }
    }

    private static func json(_ report: FleetReport) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }
}
