import Foundation
import Testing
import TributaryCore
import TributaryWire

@Suite struct EncodingsTests {
    @Test func theListNamesEveryKindWithItsSizeAndBias() throws {
        let workspace = try Workspace()
        let output = try workspace.succeed("encodings").output
        for family in EncodingFamily.all {
            #expect(output.contains(family.form) && output.contains(family.summary))
            #expect(family.examples.allSatisfy { output.contains($0.description) })
        }
        let lines = output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(lines.contains { $0.starts(with: ["f16", "16", "rounded"]) })
        #expect(lines.contains { $0.starts(with: ["qsgd:4", "4.062", "unbiased", "Alistarh"]) })
        #expect(lines.contains { $0.starts(with: ["topk:0.05", "2.4", "biased", "Stich"]) })
    }

    @Test func aFileIsMeasured() throws {
        let workspace = try Workspace()
        let layout = TensorLayout([(name: "a", shape: [40, 50]), (name: "b", shape: [48])])
        let values = (0..<2_048).map { $0 == 3 ? Float(0.5) : Float($0 % 7 - 3) / 1_024 }
        let file = Safetensors(weights: Weights(layout: layout, values: values))
        try workspace.write("update.safetensors", file.encoded())
        let line = "encodings --measure update.safetensors --encoding f32 --encoding drive --encoding topk:0.01"
        let output = try workspace.succeed(line).output
        let rows = output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(rows.count == 4)
        #expect(rows[1] == ["f32", "8192", "32", "1", "0", "exact"])
        #expect(rows[2].starts(with: ["drive", "268", "1.047", "30.57"]))
        #expect(rows[3].starts(with: ["topk:0.01", "124"]))
        #expect(try workspace.succeed(line).output == output)
        // What one encoding cannot hold, others can.
        let huge = Safetensors(weights: Weights(layout: layout, values: values.map { $0 * 1e37 }))
        try workspace.write("huge.safetensors", huge.encoded())
        let halves = "encodings --measure huge.safetensors --encoding f16 --encoding bf16"
        let measured = try workspace.succeed(halves).output
        #expect(measured.contains("too large") && measured.contains("bf16       4096"))
    }

    @Test(arguments: [
        Mistake("encodings --encoding topq:0.1", 64, "topk"),
        Mistake("encodings --encoding klevel:1", 64, "2 to 256"),
        Mistake("encodings --measure nope.safetensors", 66, "nope.safetensors"),
        Mistake("encodings --measure d.csv", 65, "d.csv"),
        Mistake("encodings --seed x", 64, "seed"),
    ])
    func mistakesAreNamed(mistake: Mistake) throws {
        let outcome = try Workspace().tributary(mistake.line)
        #expect(outcome.status == mistake.status)
        #expect(mistake.words.allSatisfy { outcome.errors.contains($0) }, "\(outcome.errors)")
    }
}
