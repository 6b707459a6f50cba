import Foundation
import Testing

/// What a run of the command line came to.
struct Outcome {
    /// The exit status, or 128 and the signal that ended it.
    let status: Int32
    let output: String
    let errors: String
}

/// The built `tributary`, run as people run it.
enum Tool {
    struct NotFound: Error, CustomStringConvertible {
        let description = "the tributary executable is not beside the tests; build it with: swift build"
    }

    /// Runs to the end. Output goes by files, so that no pipe can fill up.
    static func run(_ arguments: [String], in folder: String) throws -> Outcome {
        let name = "\(FileManager.default.temporaryDirectory.path)/out-\(UUID().uuidString)"
        defer { for end in ["1", "2"] { try? FileManager.default.removeItem(atPath: name + end) } }
        for end in ["1", "2"] { _ = FileManager.default.createFile(atPath: name + end, contents: nil) }
        let process = try make(arguments, in: folder)
        process.standardOutput = FileHandle(forWritingAtPath: name + "1")
        process.standardError = FileHandle(forWritingAtPath: name + "2")
        try process.run()
        process.waitUntilExit()
        return Outcome(status: status(of: process), output: text(name + "1"), errors: text(name + "2"))
    }

    /// Runs a line of shell in which `$T` is the command line.
    static func shell(_ line: String, in folder: String) throws -> Outcome {
        let process = try make([], in: folder)
        let tool = try path()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", line]
        process.environment = ProcessInfo.processInfo.environment.merging(["T": tool]) { $1 }
        let (output, errors) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        let complained = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(
            status: status(of: process), output: String(decoding: said, as: UTF8.self),
            errors: String(decoding: complained, as: UTF8.self))
    }

    static func make(_ arguments: [String], in folder: String) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try path())
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardInput = FileHandle.nullDevice
        return process
    }

    static func status(of process: Process) -> Int32 {
        process.terminationReason == .uncaughtSignal ? 128 + process.terminationStatus : process.terminationStatus
    }

    /// The executable beside the test product, else the one of the package's own build folder.
    private static func path() throws -> String {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var folders = [URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()]
        folders += Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        folders += ["release", "debug"].map { package.appendingPathComponent(".build/\($0)") }
        let files = folders.map { $0.appendingPathComponent("tributary").path }
        var isFolder: ObjCBool = false
        let found = files.first {
            FileManager.default.fileExists(atPath: $0, isDirectory: &isFolder) && !isFolder.boolValue
                && FileManager.default.isExecutableFile(atPath: $0)
        }
        guard let found else { throw NotFound() }
        return found
    }

    private static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}

/// A command that goes on while the test looks at what it prints.
final class RunningTool {
    private let process: Process
    private let output = Pipe()
    private let errors = Pipe()
    private var said = ""

    init(_ line: String, in workspace: Workspace) throws {
        process = try Tool.make(line.split(separator: " ").map(String.init), in: workspace.path)
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
    }

    /// Returns once the command has printed `text`; false if it ended before.
    @discardableResult
    func wait(for text: String) -> Bool {
        while !said.contains(text) {
            let bytes = output.fileHandleForReading.availableData
            if bytes.isEmpty { return false }
            said += String(decoding: bytes, as: UTF8.self)
        }
        return true
    }

    /// Returns once the command has printed `text` on standard error; false if it ended before.
    func waitForError(_ text: String) -> Bool {
        var complaint = ""
        while !complaint.contains(text) {
            let bytes = errors.fileHandleForReading.availableData
            if bytes.isEmpty { return false }
            complaint += String(decoding: bytes, as: UTF8.self)
        }
        return true
    }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for the end; the status and all that was printed.
    func end() -> (status: Int32, output: String) {
        said += String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (Tool.status(of: process), said)
    }
}
