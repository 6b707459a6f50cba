package import TributaryCore

extension RunRecord {
    /// What the server knows of a test set that it scores models on.
    package struct TestSet: Hashable, Sendable {
        /// Its examples.
        package var exampleCount: Int
        /// Classes; nil for regression.
        package var classCount: Int?

        package init(exampleCount: Int, classCount: Int?) {
            (self.exampleCount, self.classCount) = (exampleCount, classCount)
        }
    }

    /// The record of a live run. The clients' data is theirs: what is known of it is what they say of it.
    package init(live run: RunRow, version: String, machine: Machine, test: TestSet? = nil) {
        func text(_ section: String, _ key: String) -> String? {
            run.plan[section]?[key].flatMap { $0.isEmpty ? nil : $0 }
        }
        let dataset = text("data", "set") ?? Self.clientsOwnData
        let model = text("run", "model") ?? "custom"
        let parameters = run.tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }
        self.init(
            version: version, name: text("run", "name") ?? run.id.rawValue,
            seed: text("run", "seed").flatMap { UInt64($0) } ?? 0, plan: run.plan,
            data: Data(
                set: dataset, trainExamples: 0, testExamples: test?.exampleCount ?? 0, classes: test?.classCount,
                clients: 0, partition: "as the clients hold it", shardSizes: nil),
            model: Model(name: model, parameters: parameters), machine: machine)
        let goal = text("stop", "accuracy") ?? text("stop", "target")
        target = goal.flatMap { Double($0) }.map(Target.init(accuracy:))
    }

    /// Whether the run counts energy, for which its table has columns then.
    var countsEnergy: Bool { (try? Plan(text: plan))?.energy.isCounted ?? false }
    /// Whether clients have models of their own, for whose scores the run's table has columns then.
    var scoresOwnModels: Bool { plan["strategy"]?["personalisation"].map { !$0.isEmpty && $0 != "none" } ?? false }

    /// What reports call the data of a run whose plan names none.
    package static var clientsOwnData: String { "clients' own data" }
}
