import Foundation
import Testing
import TributaryCore
import TributaryLearning
import TributarySimulation

/// Learning on real data, end to end, against published and measured figures.
@Suite struct RealLearningTests {
    @Test(.enabled(if: RealData.has("fashion-mnist"), "needs Fashion-MNIST: apt-get install dataset-fashion-mnist"))
    func fashionMNISTReachesItsAccuracyInTwentyRounds() async throws {
        var plan = Plan()
        plan.data.set = "fashion-mnist"
        plan.data.partition = "iid"
        plan.data.clients = 100
        plan.model = "mlp:200,200"
        let last = try await finalRound(plan)
        #expect(try #require(last.test?.accuracy) >= 0.81)
    }

    @Test(.enabled(if: RealData.has("heart-disease"), "needs the heart-disease files; see tributary datasets info"))
    func heartDiseaseByHospitalComesNearItsPublishedAccuracy() async throws {
        // FLamby's FedAvg: 0.748 pooled test accuracy over the four hospitals.
        var plan = Plan()
        plan.data.set = "heart-disease"
        plan.data.directory = RealData.folder
        plan.cohort.selection = .all
        plan.local.batchSize = .examples(4)
        plan.local.learningRate = 0.02
        plan.rounds = 15
        let last = try await finalRound(plan)
        #expect(abs(try #require(last.test?.accuracy) - 0.748) < 0.05)
        #expect(last.federated?.clientCount == 4)
    }

    @Test func theSeedAndNotTheSpeedOfDevicesDecidesTheModel() async throws {
        // Other speeds are another order of arrival; with everybody in time it is the same set of contributions.
        var plan = Plan()
        plan.data.set = "synthetic:1,1,12"
        plan.rounds = 4
        plan.cohort.fraction = 0.5
        plan.cohort.deadline = .seconds(1_000_000)
        var models: [[Float]] = []
        for sigma in [0.1, 1, 2] {
            plan.devices.examplesPerSecond = .logNormal(median: 300, sigma: sigma)
            plan.devices.latency = .pareto(least: 1, index: 1 / sigma)
            let assembly = try Assembly(plan)
            models.append(try await finalWeights(assembly.trainer, assembly.plan))
        }
        #expect(models[0] == models[1] && models[1] == models[2])
    }

    private func finalRound(_ plan: Plan) async throws -> RoundSummary {
        let assembly = try Assembly(plan)
        return try await lastRound(assembly.trainer, assembly.plan)
    }

    private func lastRound(_ trainer: some PoolableTrainer, _ plan: Plan) async throws -> RoundSummary {
        var federation = try Federation(plan: plan, trainer: trainer, workers: 2)
        var last: RoundSummary?
        while let round = await federation.next() { last = round }
        return try #require(last)
    }

    private func finalWeights(_ trainer: some PoolableTrainer, _ plan: Plan) async throws -> [Float] {
        var federation = try Federation(plan: plan, trainer: trainer, workers: 2)
        while await federation.next() != nil {}
        return federation.state.weights.values
    }
}

/// Real data beside the package, or where packages put it.
private enum RealData {
    static let folder: String = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return root.deletingLastPathComponent().appendingPathComponent("shared/datasets").path
    }()

    static func has(_ name: String) -> Bool {
        guard let manifest = try? DatasetCatalogue.manifest(named: name) else { return false }
        let environment = ProcessInfo.processInfo.environment
        let places = name == "fashion-mnist" ? [nil] : [folder]
        return places.contains { DatasetLocator(dataDirectory: $0, environment: environment).has(manifest) }
    }
}
