import Foundation
import TributaryReports

/// Runs `body` with an empty output folder and removes it afterwards.
func withTemporaryFolder<Result>(_ body: (RunFolder) throws -> Result) throws -> Result {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("tributary-\(UUID().uuidString)")
    let folder = RunFolder(url.path)
    try folder.create()
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(folder)
}

func text(of path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
}

func replaceText(of path: String, with text: String) throws {
    try text.write(toFile: path, atomically: false, encoding: .utf8)
}
