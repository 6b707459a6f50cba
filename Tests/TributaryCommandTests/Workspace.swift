import Foundation
import Testing

/// A folder of one test's own, with two small tables in it; gone when the test is over.
final class Workspace {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("command-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try write("d.csv", Self.classesTable(rows: 200))
        try write("r.csv", Self.numbersTable(rows: 120))
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Runs the command line here and returns what it said.
    func tributary(_ line: String, more words: [String] = []) throws -> Outcome {
        // The folder must outlive the command.
        defer { withExtendedLifetime(self) {} }
        return try Tool.run(line.split(separator: " ").map(String.init) + words, in: path)
    }

    /// Runs a line of shell here, in which `$T` is the command line.
    func shell(_ line: String) throws -> Outcome {
        defer { withExtendedLifetime(self) {} }
        return try Tool.shell(line, in: path)
    }

    /// The same, for a command that must succeed.
    @discardableResult
    func succeed(_ line: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> Outcome {
        let outcome = try tributary(line)
        #expect(outcome.status == 0, "\(line): \(outcome.errors)", sourceLocation: sourceLocation)
        return outcome
    }

    func write(_ name: String, _ text: String) throws { try write(name, Data(text.utf8)) }

    func write(_ name: String, _ bytes: Data) throws {
        let folder = URL(fileURLWithPath: file(name)).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try bytes.write(to: URL(fileURLWithPath: file(name)))
    }

    func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: file(name))) }

    func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

    /// The rows of a run's `rounds.csv` without its header and without the column of real time.
    func rounds(_ run: String) throws -> [[String]] {
        let rows = try text("\(run)/rounds.csv").split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let real = try #require(rows.first?.firstIndex(of: "real_seconds"))
        return rows.dropFirst().map { row in row.indices.filter { $0 != real }.map { row[$0] } }
    }

    /// Every file with its content, to see that a command left all as it was.
    func snapshot() -> [String: Data] {
        var files: [String: Data] = [:]
        for name in FileManager.default.enumerator(atPath: path)?.compactMap({ $0 as? String }) ?? [] {
            files[name] = (try? bytes(name)) ?? Data()
        }
        return files
    }

    private static func classesTable(rows: Int) -> String {
        var lines = ["a,b,c,site,y"]
        for row in 0..<rows {
            let (a, b, c) = (value(row, 37), value(row, 53), value(row, 71))
            lines.append("\(a),\(b),\(c),s\(row % 7),\(a + b > 0 ? "yes" : "no")")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func numbersTable(rows: Int) -> String {
        let lines = (0..<rows).map { row in
            let (a, b) = (value(row, 37), value(row, 53))
            return "\(a),\(b),\(3 * a - b)"
        }
        return (["a,b,y"] + lines).joined(separator: "\n") + "\n"
    }

    /// A number from −1 to 1 that is different in every row.
    private static func value(_ row: Int, _ step: Int) -> Double { Double((row * step + 11) % 101 - 50) / 50 }
}
