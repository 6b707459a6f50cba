import ArgumentParser
import Foundation
import TributaryCore
import TributaryMath
import TributaryReports
import TributaryWire

/// `tributary encodings`
struct EncodingsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encodings",
        abstract: "List the encodings that updates can travel in, or try them on a file.",
        discussion: """
            Examples:
              tributary encodings
              tributary encodings --measure runs/first/model.safetensors
              tributary encodings --measure update.safetensors --encoding topk:0.01 --encoding eden:3

            An encoding is named with its parameters, as in klevel:16:rotated; docs/encodings.md has their byte layouts. \
            A file of a model's weights will do for a first look; updates are what the errors are meant for.
            """)

    @Option(
        help: ArgumentHelp(
            "Encode the tensors of this safetensors file and say how large and how far off they become.",
            valueName: "file"))
    var measure: String?
    @Option(help: ArgumentHelp("An encoding to look at, in place of some of each kind; repeatable.", valueName: "name"))
    var encoding: [String] = []
    @Option(help: ArgumentHelp("The seed of what is rounded or chosen at random.", valueName: "number"))
    var seed: UInt64 = 1

    mutating func run() async throws {
        let command = self
        try await reportingFailures { try command.show() }
    }

    private func show() throws {
        let encodings = try encoding.isEmpty ? EncodingFamily.all.flatMap(\.examples) : encoding.map(Self.named)
        guard let measure else {
            Console.text(EncodingsText.table(encodings))
            if encoding.isEmpty { Console.text("\n" + EncodingsText.families) }
            return
        }
        guard FileManager.default.fileExists(atPath: measure) else {
            throw CommandFailure(.missingInput, "\(measure): there is no such file; --measure wants a safetensors file")
        }
        let bytes = try FileAccess.read(measure)
        do throws(Safetensors.FormatError) {
            let update = try Safetensors(decoding: bytes).weights.values
            Console.text(EncodingsText.measured(update, as: encodings, seed: Seed(seed)))
        } catch {
            throw CommandFailure(.badData, "\(measure): \(error)")
        }
    }

    private static func named(_ name: String) throws -> UpdateEncoding {
        do throws(UpdateEncoding.TextError) {
            return try UpdateEncoding(name)
        } catch {
            throw CommandFailure(.usage, "--encoding: \(error)")
        }
    }
}
