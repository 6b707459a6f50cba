import Foundation
import TributaryCore
import TributaryMath

/// Runs as a simulation might record them, made from a seed: learning curves that rise and flatten, clients that
/// drop out, a few abandoned rounds.
struct SyntheticRun {
    var name = "Fashion-MNIST, 100 clients, skewed labels"
    var seed: UInt64 = 42
    var roundCount = 200
    var evaluateEvery = 1
    var federatedEvery = 5
    /// The accuracy the curve approaches.
    var ceiling = 0.86
    /// Rounds until most of it is learned.
    var pace = 22.0
    var isRegression = false
    /// The first round whose losses are not finite.
    var divergesAt: Int?
    var abandonProbability = 0.02
    var invited = 24
    var plan = SyntheticRun.defaultPlan

    func rounds() -> [RoundSummary] {
        var elapsed = 0.0
        var version = 0
        return (1...max(1, roundCount)).prefix(roundCount).map { number in
            round(number, elapsed: &elapsed, version: &version)
        }
    }

    func record(of rounds: [RoundSummary], target: Double? = 0.8) -> RunRecord {
        var record = RunRecord(
            version: "0.1.0", name: name, seed: seed, plan: plan,
            data: .init(
                set: isRegression ? "housing" : "fashion-mnist", trainExamples: 60_000, testExamples: 10_000,
                classes: isRegression ? nil : 10, clients: 100, partition: "dirichlet(0.3)",
                shardSizes: [112, 581, 1_604]),
            model: .init(name: "2nn", parameters: 199_210, sha256: String(repeating: "3fa9", count: 16)),
            machine: .init(
                processor: "Example CPU 3.0 GHz", cores: 8, memoryBytes: 34_359_738_368, system: "Linux 6.1",
                swift: "6.3.1", blas: "OpenBLAS 0.3.21, Haswell", workers: 8))
        record.target = target.map { .init(accuracy: $0) }
        for round in rounds { record.add(round) }
        record.totals.peakMemoryBytes = 412_000_000
        record.status = .completed
        return record
    }

    static let defaultPlan: [String: [String: String]] = [
        "algorithm": ["name": "fedavg", "server-optimiser": "sgd", "server-learning-rate": "1"],
        "client": ["batch-size": "10", "epochs": "1", "learning-rate": "0.1", "solver": "sgd"],
        "data": ["partition": "dirichlet(0.3)", "set": "fashion-mnist"],
        "round": ["cohort": "20", "over-selection": "1.2", "quorum": "10", "deadline": "120 s"],
    ]
}

extension SyntheticRun {
    private func round(_ number: Int, elapsed: inout Double, version: inout Int) -> RoundSummary {
        var stream = Seed(seed).derived("synthetic-round", UInt64(number)).stream()
        let isAbandoned = stream.bernoulli(abandonProbability)
        if !isAbandoned { version += 1 }
        var round = RoundSummary(
            round: .init(number), outcome: isAbandoned ? .abandoned : .committed, modelVersion: .init(version),
            learningRate: 0.1)
        round.participation = participation(isAbandoned: isAbandoned, &stream)
        round.traffic.bytesDown = round.participation.invited * 796_840
        round.traffic.bytesUp = round.participation.reported * 796_840
        round.timing.virtualSeconds = isAbandoned ? 120 : stream.logNormal(mu: 3.6, sigma: 0.25)
        elapsed += round.timing.virtualSeconds
        round.timing.virtualElapsed = elapsed
        round.timing.realSeconds = 0.05 + 0.02 * stream.uniform()
        score(&round, progress: Double(version), &stream)
        return round
    }

    private func participation(isAbandoned: Bool, _ stream: inout RandomStream) -> RoundSummary.Participation {
        var result = RoundSummary.Participation()
        result.invited = invited
        let causes: [DropCause] = [.beforeTraining, .duringTraining, .beforeUpload, .late, .late, .late, .notFinite]
        for _ in 0..<invited {
            if stream.bernoulli(isAbandoned ? 0.7 : 0.16) {
                result.dropped[causes[stream.uniform(below: causes.count)], default: 0] += 1
            } else {
                result.reported += 1
            }
        }
        return result
    }

    private func score(_ round: inout RoundSummary, progress: Double, _ stream: inout RandomStream) {
        let number = round.round.rawValue
        let learned = 1 - exp(-progress / pace)
        let wobble = 0.02 * stream.normal() * (1.2 - learned)
        let accuracy = min(0.999, max(0.02, 0.1 + (ceiling - 0.1) * learned + wobble))
        let diverged = divergesAt.map { number >= $0 } ?? false
        let loss = diverged ? (number % 2 == 0 ? .nan : .infinity) : 2.3 - 1.85 * learned + abs(wobble)
        let examples = 10_000
        if number % evaluateEvery == 0 || number == roundCount {
            let right = (accuracy * Double(examples)).rounded() / Double(examples)
            round.test = Score(exampleCount: examples, loss: loss, accuracy: isRegression ? nil : right)
        }
        if number % federatedEvery == 0 || number == roundCount {
            round.federated = federated(accuracy: accuracy, loss: loss, &stream)
        }
        if round.outcome == .committed {
            round.trainLoss = diverged ? .nan : max(0.02, loss * 0.86 + 0.03 * stream.normal())
            let norm = 1.4 - 0.9 * learned
            round.updateNorms = .init(
                smallest: norm * 0.6, mean: norm, largest: norm * (1.6 + 0.3 * stream.uniform()),
                aggregate: norm * 0.45)
        }
    }

    private func federated(accuracy: Double, loss: Double, _ stream: inout RandomStream) -> FederatedScore? {
        FederatedScore(
            (0..<100).map { _ in
                let count = 20 + stream.uniform(below: 200)
                let own = min(1, max(0, accuracy - 0.02 + 0.09 * stream.normal()))
                return Evaluation(
                    exampleCount: count, lossSum: loss * Double(count) * stream.logNormal(mu: 0, sigma: 0.3),
                    correctCount: isRegression ? nil : Int(own * Double(count)))
            })
    }
}
