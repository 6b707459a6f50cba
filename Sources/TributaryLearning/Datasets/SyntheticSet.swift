import Foundation
import TributaryMath

/// Synthetic(α, β) and its IID variant (Li et al. 2020, FedProx), made from a seed.
///
/// Names: `synthetic` is (1, 1) over 30 devices; `synthetic:0.5,0.5`, `synthetic:1,1,100` give α, β and the number of
/// devices, `synthetic:iid`, `synthetic:iid,100` the variant in which all devices share one model.
/// As in the published generator, α and β are used as standard deviations.
struct SyntheticSet {
    /// How devices differ.
    enum Kind: Equatable {
        case heterogeneous(alpha: Double, beta: Double)
        case iid
    }

    private static let width = 60
    private static let classCount = 10
    /// 3.8 GB of features: far beyond what the generator is for.
    private static let maximumRows = 16_000_000

    let name: String
    let kind: Kind
    let deviceCount: Int

    init(_ request: DatasetRequest) throws(DatasetError) {
        var rest = request.name.contains(":") ? request.parameters : ["1", "1"]
        let usage = "write synthetic, synthetic:α,β, synthetic:α,β,devices, synthetic:iid or synthetic:iid,devices"
        let malformed = DatasetError.badRequest("“\(request.name.quotable())” is not understood; \(usage)")
        if rest.first == "iid" {
            kind = .iid
            rest.removeFirst()
        } else {
            guard rest.count >= 2, let alpha = Double(rest[0]), let beta = Double(rest[1]),
                (0...1000).contains(alpha), (0...1000).contains(beta)
            else { throw malformed }
            kind = .heterogeneous(alpha: alpha, beta: beta)
            rest.removeFirst(2)
        }
        guard rest.count <= 1, let devices = Int(rest.first ?? "30"), (1...100_000).contains(devices) else {
            throw malformed
        }
        name = request.name
        deviceCount = devices
    }

    /// The devices' data, 90 % of each device's samples to train.
    func dataset(seed: Seed) throws(DatasetError) -> Dataset {
        let root = seed.derived("synthetic")
        let sizes = (0..<deviceCount).map { device in
            var stream = root.derived("size", UInt64(device)).stream()
            return Int(min(stream.logNormal(mu: 4, sigma: 2), 1e9).rounded(.down)) + 50
        }
        guard sizes.reduce(0, +) <= Self.maximumRows else {
            throw .badRequest(
                "\(name): \(deviceCount) devices have more than \(Self.maximumRows) samples; ask for fewer")
        }
        var common = root.derived("common model").stream()
        let shared = kind == .iid ? Model(mean: 0, from: &common) : nil
        var (train, test) = (Builder(), Builder())
        for device in 0..<deviceCount {
            addDevice(device, size: sizes[device], shared: shared, seed: root, to: &train, and: &test)
        }
        return Dataset(
            name: name, train: train.examples, test: test.examples,
            naturalClients: .init(
                names: (0..<deviceCount).map(Self.deviceName), owners: train.owners, testOwners: test.owners),
            classNames: (0..<Self.classCount).map(String.init))
    }

    private static func deviceName(_ device: Int) -> String {
        let digits = String(device)
        return "f_" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }

    /// Samples are independent, so the first nine tenths are as good as a shuffled nine tenths.
    private func addDevice(
        _ device: Int, size: Int, shared: Model?, seed: Seed, to train: inout Builder, and test: inout Builder
    ) {
        var stream = seed.derived("device", UInt64(device)).stream()
        var inputMean = [Double](repeating: 0, count: Self.width)
        let model: Model
        switch (shared, kind) {
        case (nil, .heterogeneous(let alpha, let beta)):
            let modelMean = stream.normal(mean: 0, deviation: alpha)
            let center = stream.normal(mean: 0, deviation: beta)
            for index in inputMean.indices { inputMean[index] = stream.normal(mean: center, deviation: 1) }
            model = Model(mean: modelMean, from: &stream)
        case (let shared, _): model = shared ?? Model(mean: 0, from: &stream)
        }
        let trainCount = size * 9 / 10
        for sample in 0..<size {
            let x = (0..<Self.width).map { stream.normal(mean: inputMean[$0], deviation: Self.deviations[$0]) }
            let label = model.label(of: x)
            if sample < trainCount {
                train.add(x, label, device)
            } else {
                test.add(x, label, device)
            }
        }
    }

    /// Σ = diag(j^−1.2), so a deviation is j^−0.6.
    private static let deviations = (1...width).map { pow(Double($0), -0.6) }

    /// A linear model whose argmax is the label.
    private struct Model {
        var weights: [Double]
        var biases: [Double]

        init(mean: Double, from stream: inout RandomStream) {
            weights = (0..<width * classCount).map { _ in stream.normal(mean: mean, deviation: 1) }
            biases = (0..<classCount).map { _ in stream.normal(mean: mean, deviation: 1) }
        }

        func label(of x: [Double]) -> Int {
            var scores = biases
            for (row, value) in x.enumerated() {
                for label in 0..<classCount { scores[label] += value * weights[row * classCount + label] }
            }
            var best = 0
            for label in scores.indices where scores[label] > scores[best] { best = label }
            return best
        }
    }

    private struct Builder {
        var features: [Float] = []
        var labels: [UInt16] = []
        var owners: [UInt32] = []

        mutating func add(_ x: [Double], _ label: Int, _ device: Int) {
            features += x.map { Float($0) }
            labels.append(UInt16(label))
            owners.append(UInt32(device))
        }

        var examples: Examples {
            Examples(
                features: .numbers(features), labels: .classes(labels, classCount: classCount), shape: [width])
        }
    }
}
