import Foundation
import Testing

@Suite struct PlanFileTests {
    @Test(arguments: [
        ("- a\n- b\n", "key: value"), ("hello\n", "key: value"), ("data:\n\tset: x\n", "p.yaml:2: "),
        ("rounds: 3\nrouns: 4\n", "p.yaml:2: "), ("data:\n  sett: x\n", "data.set"),
        ("rounds: 3\nrounds: 4\n", "p.yaml:2: "),
        ("rounds: many\n", "p.yaml:1: rounds is 'many'"), ("rounds: [1, 2]\n", "p.yaml:1: "), ("rounds: 3.5\n", "3.5"),
        ("data: 4\n", "p.yaml:1: "), ("data:\n  set:\n    x: 1\n", "p.yaml:2: "), ("a: b: c\n", "p.yaml:1: "),
        ("data: {set: x\n", "p.yaml:"), ("rounds: 3\u{0}\n", "p.yaml"), ("[a, b]: 4\n", "p.yaml:1: "),
        ("rounds: 1\n---\nrounds: 2\n", "p.yaml:2: "), ("learning-rate: .nan\n", "p.yaml:1: "),
    ])
    func aBrokenPlanIsAnErrorThatNamesThePlace(_ text: String, _ words: String) throws {
        let workspace = try Workspace()
        try workspace.write("p.yaml", text)
        let outcome = try workspace.tributary("simulate --plan p.yaml --dataset d.csv --clients 5")
        #expect(outcome.status == 65)
        #expect(outcome.errors.hasPrefix("error: p.yaml"))
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(!workspace.exists("runs"))
    }

    @Test func bytesThatAreNoTextAreNoPlan() throws {
        let workspace = try Workspace()
        try workspace.write("p.yaml", Data(0...255))
        let outcome = try workspace.tributary("plan --plan p.yaml")
        #expect(outcome.status == 65)
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    @Test func aPrintedPlanIsReadBackAsItWas() throws {
        let workspace = try Workspace()
        let words = ["--name", "a \"b\" \\ # c: - é\n%x", "--label", "-", "--client-column", "null", "--quorum", "50%"]
        let flags = "plan --schedule step:3,0.5 --speed lognormal:500,0.5 --dropout 0.3 --clip-norm 2 --cohort 3"
        let printed = try workspace.tributary(flags, more: words)
        try workspace.write("p.yaml", printed.output)
        let again = try workspace.tributary("plan --plan p.yaml")
        #expect(again.status == 0, "\(again.errors)")
        #expect(again.output == printed.output)
    }

    @Test func theTemplateOfDefaultsIsAPlan() throws {
        let workspace = try Workspace()
        try workspace.write("p.yaml", workspace.tributary("plan").output)
        try workspace.succeed("simulate --plan p.yaml --dataset d.csv --clients 10 --rounds 2 --output planned --quiet")
        try workspace.succeed("simulate --dataset d.csv --clients 10 --rounds 2 --output plain --quiet")
        #expect(try workspace.bytes("planned/model.safetensors") == workspace.bytes("plain/model.safetensors"))
    }

    @Test func flagsWinOverThePlanFile() throws {
        let workspace = try Workspace()
        try workspace.write(
            "p.yaml", "rounds: 5\ncohort:\n  fraction: 0.5\nlocal:\n  epochs: 2\nfaults:\n  stall: 0.5\n")
        let plan = try workspace.succeed("plan --plan p.yaml --cohort 3 --steps 4 --rounds 2 --no-faults").output
        let lines = plan.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        for line in ["rounds: 2", "count: 3", "steps: 4", "stall: 0", "# fraction: none", "# epochs: none"] {
            #expect(lines.contains(line), "\(line)")
        }
    }

    @Test func everyFieldCanBeSet() throws {
        let workspace = try Workspace()
        var words: [String] = []
        var section = ""
        for line in try workspace.tributary("plan").output.split(separator: "\n") where !line.contains("Form:") {
            if line.hasSuffix(":") {
                section = String(line)
                continue
            }
            let field = line.trimmingCharacters(in: CharacterSet(charactersIn: " #")).split(
                separator: ":", maxSplits: 1)
            guard field.count == 2, field[1] != " none" else { continue }
            let key = (line.hasPrefix(" ") ? section.dropLast() + "." : "") + field[0]
            words += ["--set", "\(key)=\(field[1].trimmingCharacters(in: CharacterSet(charactersIn: " \"")))"]
        }
        #expect(words.count > 50)
        let outcome = try workspace.tributary("plan", more: words)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output == (try workspace.tributary("plan").output))
    }

    @Test func aPlanMayComeFromStandardInput() throws {
        let workspace = try Workspace()
        let line = "$T plan --dataset d.csv --clients 5 | $T simulate --plan - --rounds 1 --output piped --quiet"
        let outcome = try workspace.shell(line)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try workspace.rounds("piped").count == 1)
    }
}
