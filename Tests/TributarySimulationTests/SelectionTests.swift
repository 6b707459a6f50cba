import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributarySimulation
import TributaryTesting

/// Who is invited in simulated rounds.
@Suite struct SelectionTests {
    static let selections = [
        "uniform", "poisson", "proportional", "power-of-choice", "power-of-choice:loss=last", "oort",
    ]

    @Test(arguments: selections) func nobodyIsInvitedMoreOftenThanTheLimitsSay(selection: String) async throws {
        for seed in TestSeeds.first(8) {
            var plan = Plan.selecting(selection, seed: seed, rounds: 12)
            (plan.cohort.participationCap, plan.cohort.participationGap) = (3, 2)
            var rounds: [ClientID: [Int]] = [:]
            try await run(plan, .random(seed: seed, clients: 30, dimension: 3)) { round, state in
                for client in state.invited(in: round) { rounds[client, default: []].append(round.round.rawValue) }
                #expect(state.invited(in: round).count == round.participation.invited)
            }
            #expect(!rounds.isEmpty)
            for all in rounds.values {
                #expect(all.count <= 3)
                #expect(zip(all, all.dropFirst()).allSatisfy { $1 - $0 >= 2 })
            }
        }
    }

    @Test func powerOfChoiceInvitesThoseWithTheLargestLosses() async throws {
        for seed in TestSeeds.first(5) {
            let trainer = QuadraticTrainer.random(seed: seed, clients: 20, dimension: 2)
            var plan = Plan.selecting("power-of-choice:candidates=20", seed: seed, rounds: 6)
            plan.cohort.participationCap = 1000
            plan.cohort.count = 4
            var weights: [Float] = [0, 0]
            try await run(plan, trainer) { round, state in
                var workspace: Void = ()
                let losses = (0..<20).map {
                    trainer.loss(of: ClientID(index: $0), at: weights, workspace: &workspace)
                }
                let largest = (0..<20).sorted { losses[$0] > losses[$1] }.prefix(4).map(ClientID.init(index:))
                #expect(state.invited(in: round) == Set(largest))
                // The model goes to the sixteen others as well, to be asked for its loss.
                #expect(round.traffic.bytesDown == 20 * 8)
                weights = state.weights.values
            }
        }
    }

    @Test func asManyCandidatesAsPlacesIsProportionalSelection() async throws {
        let trainer = QuadraticTrainer.random(seed: Seed(5), clients: 25, dimension: 3)
        let one = try await run(.selecting("proportional", seed: Seed(9), rounds: 5), trainer)
        let other = try await run(.selecting("power-of-choice:candidates=5", seed: Seed(9), rounds: 5), trainer)
        #expect(one == other)
    }

    @Test func limitsThatNobodyReachesChangeNothing() async throws {
        let trainer = QuadraticTrainer.random(seed: Seed(5), clients: 25, dimension: 3)
        for selection in ["uniform", "poisson"] {
            var plan = Plan.selecting(selection, seed: Seed(9), rounds: 5)
            let free = try await run(plan, trainer)
            #expect(free.selection == .none)
            plan.cohort.participationCap = 5
            var limited = try await run(plan, trainer)
            limited.selection = .none
            #expect(free == limited)
        }
    }

    @Test func aLimitCostsNothingForABillionClients() async throws {
        // Would not end if anybody looked at all of them.
        var plan = Plan.selecting("uniform", seed: Seed(2), rounds: 3)
        (plan.cohort.count, plan.cohort.participationGap) = (10, 3)
        var federation = try Federation(plan: plan, trainer: Endless(), workers: 1)
        while await federation.next() != nil {}
        #expect(federation.state.selection.clients.count == 30)
    }

    @Test(arguments: [
        ("oort", ""), ("oort", "scaffold"), ("power-of-choice:loss=last", ""), ("uniform", ""), ("proportional", ""),
    ])
    func aResumedRunIsTheSameToTheBit(selection: String, method: String) async throws {
        let seed = Seed(6)
        let trainer = QuadraticTrainer.random(seed: seed, clients: 30, dimension: 3)
        let folder = try TemporaryFolder()
        var plan = Plan.selecting(selection, seed: seed, rounds: 12)
        if !method.isEmpty { try plan.set("strategy.method", to: method) }
        (plan.cohort.participationCap, plan.faults.beforeUpload) = (8, 0.2)
        try plan.setTrace("h\n0,a,100\n3600,a,300\n0,b,250\n3600,b,20", in: folder)
        (plan.energy.slot, plan.energy.slack, plan.energy.carbonWeight) = (.seconds(700), 5, 1)
        let whole = try await run(plan, trainer, workers: 3)

        var first = try Federation(plan: plan, trainer: trainer, workers: 1)
        for _ in 0..<5 { _ = await first.next() }
        let written = Checkpoint(plan: first.plan.plan, state: first.state)
        let checkpoints = CheckpointFolder(folder.path + "/c", keep: 1)
        try checkpoints.write(written)
        let read = try #require(checkpoints.newest().checkpoint)
        #expect(read == written && checkpoints.newest().damaged == [])
        #expect(!read.state.selection.clients.isEmpty)
        var second = try Federation(plan: read.plan, trainer: trainer, workers: 2, resumingFrom: read.state)
        while await second.next() != nil {}
        #expect(second.state == whole)

        plan.cohort.participationCap = nil
        try plan.set("cohort.selection", to: selection.hasPrefix("oort") ? "uniform" : "oort")
        #expect(throws: PlanError.self) {
            try Federation(plan: plan, trainer: trainer, workers: 1, resumingFrom: read.state)
        }
    }

    @discardableResult
    private func run(
        _ plan: Plan, _ trainer: QuadraticTrainer, workers: Int = 2,
        each: (RoundSummary, ServerState) -> Void = { _, _ in }
    ) async throws -> ServerState {
        var federation = try Federation(plan: plan, trainer: trainer, workers: workers)
        while let round = await federation.next() { each(round, federation.state) }
        return federation.state
    }
}

/// As many clients as a plan may have, each with one example.
private struct Endless: Trainer {
    let layout = TensorLayout([(name: "x", shape: [1])])
    let clientCount = 1_000_000_000
    let testChunkCount = 0
    func initialWeights(seed: Seed) -> Weights { Weights(zeros: layout) }
    func makeWorkspace() {}
    func exampleCount(of client: ClientID) -> Int { 1 }
    func train(_ task: TrainingTask, weights: inout [Float], workspace: inout Void) -> TrainingOutcome {
        TrainingOutcome(exampleCount: 1, stepCount: 1, meanLoss: 0)
    }
    func evaluateTest(chunk: Int, weights: borrowing [Float], workspace: inout Void) -> Evaluation { .empty }
    func evaluate(client: ClientID, weights: borrowing [Float], workspace: inout Void) -> Evaluation { .empty }
}

extension ServerState {
    /// The clients whose last invitation was to a round.
    func invited(in round: RoundSummary) -> Set<ClientID> {
        Set(selection.clients.filter { $0.value.lastRound == round.round }.keys)
    }
}

extension Plan {
    /// Five clients a round, drawn so.
    static func selecting(_ selection: String, seed: Seed, rounds: Int) -> Plan {
        var plan = Plan()
        (plan.seed, plan.rounds, plan.cohort.count, plan.cohort.quorum) = (seed.rawValue, rounds, 5, .count(1))
        do throws(PlanError) {
            try plan.set("cohort.selection", to: selection)
        } catch {
            preconditionFailure("\(error)")
        }
        return plan
    }

    /// Writes a trace and has the plan read it.
    mutating func setTrace(_ text: String, in folder: TemporaryFolder) throws {
        let path = folder.path + "/trace.csv"
        try Foundation.Data(text.utf8).write(to: URL(fileURLWithPath: path))
        energy.trace = path
    }
}
