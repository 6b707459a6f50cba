import Foundation
import TributaryCore
import TributaryLearning
import TributaryMath

/// The formula that `scripts/reference/trajectories.py` makes weights and examples from.
enum Formula {
    /// A hash of (index, seed) as a number in −0.5 ..< 0.5, exact in Float32.
    static func number(_ index: Int, _ seed: Int) -> Double {
        var h = UInt32(truncatingIfNeeded: index + 1) &* 2_654_435_761 &+ UInt32(truncatingIfNeeded: seed) &* 40503
        h ^= h >> 15
        h &*= 2_246_822_519
        h ^= h >> 13
        return Double(h >> 8) / 0x1p24 - 0.5
    }

    static func numbers(_ count: Int, seed: Int) -> [Float] {
        (0..<count).map { Float(number($0, seed)) }
    }

    static func labels(_ count: Int, classes: Int, seed: Int) -> [Int] {
        (0..<count).map { Int((number($0, seed) + 0.5) * Double(classes)) }
    }

    /// Weights scaled by 2/√(inputs of a unit), biases by ½.
    static func parameters(_ layout: TensorLayout) -> [Float] {
        layout.tensors.flatMap { tensor in
            let inputs = Double(tensor.range.count / (tensor.shape.last ?? 1)).squareRoot()
            let scale = Float(tensor.shape.count > 1 ? 2 / max(1, inputs) : 0.5)
            return tensor.range.map { Float(number($0, 1)) * scale }
        }
    }
}

/// Shards that are written out.
struct WrittenShards: ShardSource {
    var shards: [Shard]

    init(_ shards: [Shard]) { self.shards = shards }

    /// Clients that hold the given numbers of rows, one after another.
    init(sizes: [Int]) {
        var start = 0
        shards = sizes.map { size in
            defer { start += size }
            return Shard(train: (UInt32(start)..<UInt32(start + size)).map { $0 }[...])
        }
    }

    var clientCount: Int { shards.count }
    func trainCount(of client: Int) -> Int { shards[client].train.count }
    func shard(of client: Int) -> Shard { shards[client] }
}

/// Small tables by formula, one of each kind.
enum SmallData {
    static func classes(_ count: Int, shape: [Int] = [6], classes: Int = 3) -> Dataset {
        let width = shape.reduce(1, *)
        return Dataset(
            name: "small classes",
            train: Examples(
                features: .numbers(Formula.numbers(count * width, seed: 2)),
                labels: .classes(
                    Formula.labels(count, classes: classes, seed: 3).map(UInt16.init), classCount: classes),
                shape: shape), test: nil)
    }

    static func numbers(_ count: Int) -> Dataset {
        Dataset(
            name: "small numbers",
            train: Examples(
                features: .numbers(Formula.numbers(count * 6, seed: 2)),
                labels: .numbers(Formula.numbers(count, seed: 3)), shape: [6]), test: nil)
    }

    /// Sparse bytes, as images are.
    static func bytes(_ count: Int, testCount: Int = 0, width: Int = 30, classes: Int = 4) -> Dataset {
        func table(_ count: Int, _ seed: Int) -> Examples {
            let bytes = (0..<count * width).map { index -> UInt8 in
                let value = Formula.number(index, seed)
                return index % width % 5 == 0 || value < 0.1 ? 0 : UInt8(value * 510)
            }
            return Examples(
                features: .bytes(bytes, scale: 1 / 255),
                labels: .classes(
                    Formula.labels(count, classes: classes, seed: seed + 1).map(UInt16.init), classCount: classes),
                shape: [width])
        }
        return Dataset(name: "small bytes", train: table(count, 7), test: testCount > 0 ? table(testCount, 9) : nil)
    }

    static func text(_ count: Int, window: Int = 12, vocabulary: Int = 11) -> Dataset {
        Dataset(
            name: "small text",
            train: Examples(
                features: .windows(
                    text: Formula.labels(count * window, classes: vocabulary, seed: 2).map(UInt8.init),
                    starts: (0..<count).map { UInt32($0 * window) }),
                labels: .classes(
                    Formula.labels(count, classes: vocabulary, seed: 3).map(UInt16.init), classCount: vocabulary),
                shape: [window]), test: nil,
            vocabulary: (0..<vocabulary).map { Character(UnicodeScalar(97 + UInt8($0))) })
    }
}

extension ModelTrainer {
    /// Trains one client once, from given weights.
    func trained(
        client: Int = 0, from weights: [Float], seed: UInt64 = 1, _ configure: (inout LocalSolver) -> Void
    ) -> (weights: [Float], outcome: TrainingOutcome) {
        var workspace = makeWorkspace()
        return trained(client: client, from: weights, seed: seed, workspace: &workspace, configure)
    }

    func trained(
        client: Int = 0, from weights: [Float], seed: UInt64 = 1, workspace: inout TrainingWorkspace<M>,
        _ configure: (inout LocalSolver) -> Void
    ) -> (weights: [Float], outcome: TrainingOutcome) {
        var solver = LocalSolver()
        configure(&solver)
        var weights = weights
        let task = TrainingTask(
            round: RoundNumber(1), client: ClientID(index: client), solver: solver, seed: Seed(seed))
        let outcome = train(task, weights: &weights, workspace: &workspace)
        return (weights, outcome)
    }
}

/// The largest difference between two vectors.
func distance(_ a: [Float], _ b: [Float]) -> Float {
    precondition(a.count == b.count)
    return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
