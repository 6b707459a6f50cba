import Foundation
import NIOPosix
import TributaryAggregation
import TributaryCore
import TributaryStore
import TributaryWire

/// A run that an operator asks for, made ready: its plan spelt out, its model in the blob store.
struct NewRun: Sendable {
    private let request: RunRequest
    private let setting: CoordinatorSetting

    init(_ request: RunRequest, _ setting: CoordinatorSetting) {
        (self.request, self.setting) = (request, setting)
    }

    /// The run's row.
    ///
    /// - Throws: `ConnectError` for a plan or a model that cannot be used, or when the store refuses.
    func row() async throws -> RunRow {
        var plan = Plan()
        do throws(PlanError) {
            for (path, value) in request.plan.sorted(by: { $0.key < $1.key }) { try plan.set(path, to: value) }
            plan.energy.trace = try traceName(in: plan)
            try plan.checkRunsOverNetwork()
            plan = try ResolvedPlan(plan, populationSize: plan.leastPopulation, isOpen: true).plan
        } catch {
            throw ConnectError(.badPlan(error.description))
        }
        let asked = plan
        return try await NIOThreadPool.singleton.runIfActive { try makeRow(asked) }
    }

    private func makeRow(_ plan: Plan) throws -> RunRow {
        var plan = plan
        var tensors = request.tensors
        var model = request.initialModel
        do {
            if tensors.isEmpty {
                let known = try namedModel(plan)
                (tensors, plan.model) = (known.tensors, known.name)
                if model == nil { model = try InitialModel.write(known.values, to: setting.store) }
            }
            let count = tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }
            if let given = request.initialModel { try check(given, count: count) }
            let initial = try model ?? InitialModel.writeZeros(count: count, to: setting.store)
            var row = RunRow(
                id: request.run, plan: plan.text, target: request.target, tensors: tensors, initialModel: initial,
                isTestedHere: setting.scorer?.testSet(for: plan) != nil, createdAt: setting.clock.now())
            row.carbonTrace = request.carbonTrace
            return row
        } catch let error as StoreError {
            throw ConnectError(
                error.code == .full ? .resourceExhausted : .unavailable, "the model cannot be stored: \(error)")
        }
    }

    /// What the plan is to call its carbon intensities: their digest, as a path of the operator's means nothing here. So a
    /// request with others is another run.
    private func traceName(in plan: Plan) throws(PlanError) -> String? {
        if let trace = request.carbonTrace { return "sha256:\(BlobDigest.sha256(of: Data(trace.utf8)))" }
        guard let name = plan.energy.trace else { return nil }
        throw PlanError(
            "energy.trace is \(name), which is not on the server; send its contents as carbon_trace, as tributary run create "
                + "does")
    }

    private func namedModel(_ plan: Plan) throws -> InitialWeights {
        guard let library = setting.library else {
            throw ConnectError(.invalidArgument, "this server makes no models by name; give the model's layout")
        }
        do throws(PlanError) {
            return try library.model(for: plan, dataSignature: request.target.dataSignature)
        } catch {
            throw ConnectError(.badPlan(error.description))
        }
    }

    /// A model that is not finite, or not all there, would only be found out in the first round.
    private func check(_ model: TensorBlob, count: Int) throws {
        let check = UpdateCheck(
            task: TaskID(run: request.run, round: RoundNumber(1), kind: .train), client: .operators,
            blob: UpdateBlob(model), parameterCount: count, bound: .greatestFiniteMagnitude)
        switch UpdateChecker(store: setting.store).check(check) {
        case .sound, .decoded: return
        case .missing:
            throw ConnectError(.failedPrecondition, "the initial model \(model.digest) is not here; upload it first")
        case .refused(let refusal):
            throw ConnectError(.invalidArgument, "the initial model cannot be used: \(refusal.rawValue)")
        case .failed(let reason):
            throw ConnectError(.unavailable, "the initial model cannot be read: \(reason)")
        }
    }
}
