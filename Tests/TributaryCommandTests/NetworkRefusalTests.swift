import Foundation
import Testing

/// What the network's commands say where there is no server, or where they should not even ask one.
@Suite struct NetworkRefusalTests {
    private static let token = "--token-file token"
    private static let nobody = "--server http://127.0.0.1:1"

    static let mistakes = [
        Mistake("run list", 64, "--token-file", "TRIBUTARY_OPERATOR_TOKEN"),
        Mistake("run list --token-file nope", 64, "nope"),
        Mistake("run list --token-file d.csv", 64, "d.csv", "token"),
        Mistake("run list \(token) \(nobody)", 69, "127.0.0.1:1"),
        Mistake("health \(nobody)", 69, "127.0.0.1:1"),
        Mistake("run list \(token) --server http://fl.example", 64, "fl.example", "https://"),
        Mistake("run list \(token) --server fl.example:8470", 64, "fl.example", "https://"),
        Mistake("run list \(token) --server https://127.0.0.1:1 --ca nope.pem", 64, "nope.pem"),
        Mistake("run lst", 64, "list"),
        Mistake("run show No_Name \(token) \(nobody)", 64, "No_Name"),
        Mistake("run create a \(token) \(nobody)", 64, "--model"),
        Mistake("run create a --model softmax \(token) \(nobody)", 64, "--data-signature"),
        Mistake("run create a --initial-model nope.safetensors \(token) \(nobody)", 66, "nope.safetensors"),
        Mistake("run create a --initial-model d.csv \(token) \(nobody)", 65, "d.csv"),
        Mistake("run create a --data-signature f32 \(token) \(nobody)", 64, "f32[13] -> 2 classes"),
        Mistake("run create a --client-label hospital \(token) \(nobody)", 64, "site=hospital"),
        Mistake(
            "run create a --algorithm afl --model softmax \(token) \(nobody)", 64, "strategy.method afl",
            "cohort.selection all"),
        Mistake("run create a --carbon-trace t.csv --model softmax \(token) \(nobody)", 64, "energy.trace", "t.csv"),
        Mistake("run create a --carbon-trace d.csv --model softmax \(token) \(nobody)", 64, "d.csv", "line 2"),
        Mistake(
            "run create a --carbon-weight 1 --model softmax \(token) \(nobody)", 64, "energy.carbon-weight",
            "energy.trace"),
        Mistake("run create a --slack 1 --model softmax \(token) \(nobody)", 64, "energy.slack", "energy.slot"),
        Mistake("run create a --slot 1s --model softmax \(token) \(nobody)", 64, "energy.slot", "cohort.deadline"),
        Mistake(
            "run create a --pacing buffered --set energy.server-watts=1 --model softmax \(token) \(nobody)", 64,
            "strategy.pacing", "energy"),
        Mistake("join --data d.csv --training-watts=-1", 64, "--training-watts"),
        Mistake(
            "run create a --privacy sampled:noise=1 --selection poisson --model softmax \(token) \(nobody)", 64,
            "privacy.mechanism", "privacy.population", "choose tree"),
        Mistake(
            "run create a --privacy sampled:noise=1 --selection poisson --cohort 5 --population 4 --delta 1e-5 "
                + "--model softmax \(token) \(nobody)", 64, "cohort.count", "privacy.population"),
        Mistake(
            "run create a --privacy sampled:noise=1 --selection poisson --cohort 5 --population 50 --delta 1e-5 --quorum 2 "
                + "--model softmax \(token) \(nobody)", 64, "cohort.quorum", "leave it out"),
        Mistake(
            "run create a --privacy tree:noise=1 --delta 1e-5 --fraction 0.5 --model softmax \(token) \(nobody)", 64,
            "cohort.count"),
        Mistake(
            "run create a --personalisation fedper --encoding topk:0.1 --model softmax \(token) \(nobody)", 64,
            "strategy.personalisation", "strategy.encoding"),
        Mistake("fleet --stragglers 0.5 --epochs 2", 64, "--stragglers", "simulate"),
        Mistake("join --max-tasks 0 --data d.csv", 64, "--max-tasks"),
        Mistake("join", 64, "--dataset"),
        Mistake("join --data nope.csv", 66, "nope.csv"),
        Mistake("join --data d.csv --partition iid", 64, "--client"),
        Mistake("join --data d.csv --clients 5 --client 5", 64, "0 to 4"),
        Mistake("join --data d.csv --client-label x", 64, "site=hospital"),
        Mistake("join --data d.csv --server http://fl.example", 64, "https://"),
    ]

    @Test(arguments: mistakes)
    func aMistakeIsOneLineWithTheWayOut(_ mistake: Mistake) throws {
        let workspace = try Workspace()
        try workspace.write("token", "0123456789abcdef0123\n")
        let outcome = try workspace.shell("HOME=$PWD $T \(mistake.line)".replacing(" -> ", with: "\\ -\\>\\ "))
        #expect(outcome.status == mistake.status, "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        for word in mistake.words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
    }

    @Test func aModelThatDoesNotFitTheDataIsRefusedBeforeAnybodyIsAsked() throws {
        let workspace = try Workspace()
        try workspace.write("token", "0123456789abcdef0123\n")
        let outcome = try workspace.shell(
            "$T run create a --model lstm --data-signature 'f32[13] -> 2 classes' --token-file token "
                + "--server http://127.0.0.1:1")
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("lstm") && outcome.errors.contains("not text"))
    }

    @Test func aSignatureIsTheSameForEveryPartOfTheData() throws {
        let workspace = try Workspace()
        let whole = try workspace.succeed("join --data d.csv --print-signature").output
        let part = try workspace.succeed("join --data d.csv --clients 5 --client 3 --partition iid --print-signature")
        #expect(part.output == whole)
        #expect(whole.hasPrefix("f32[") && whole.contains(" -> 2 classes; columns "))
    }
}
