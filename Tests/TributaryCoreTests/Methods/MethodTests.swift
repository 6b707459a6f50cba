import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

/// Methods by themselves, against worked examples and the laws that their papers give.
@Suite struct MethodTests {
    @Test(arguments: TestSeeds.first(5))
    func whatComesWithTributaryKeepsTheContract(seed: Seed) {
        func check<Method: FederatedMethod>(_ method: Method) {
            #expect(FederatedMethodContract(method).violations(seed: seed.rawValue) == [])
        }
        for method in Self.all { check(method) }
    }

    static let all: [any FederatedMethod] = {
        var (adaptive, option1, nova) = (ProximalMethod(), ScaffoldMethod(), NormalisedMethod())
        (adaptive.isAdaptive, option1.option, nova.mu) = (true, 1, 0.3)
        var (fair, exponentiated) = (FairAveraging(), AgnosticMethod())
        (fair.q, fair.lipschitz, exponentiated.rule) = (2, 10, .exponentiated)
        return [
            PlainMethod(), ProximalMethod(), adaptive, ScaffoldMethod(), option1, DynamicMethod(), NormalisedMethod(),
            nova, FairAveraging(), fair, FairGradient(), AgnosticMethod(), exponentiated,
        ]
    }()

    @Test func theContractNamesWhatIsBroken() {
        let broken = FederatedMethodContract(Meddling()).violations(seed: 1)
        for word in ["piece", "updates of zero", "1 figures go up"] {
            #expect(broken.contains { $0.contains(word) }, "\(word) in \(broken)")
        }
        #expect(FederatedMethodContract(Nameless()).violations(seed: 1).contains { $0.contains("no name") })
    }

    @Test(arguments: [
        (0.0, 0.0, [1.0, 2, 5, 10]), (0.9, 0.0, [1, 2.9, 13.1441, 41.381059609]),
        (0.0, 1.0, [1, 1.9, 4.0951, 6.513215599]),
    ])
    func theNormaliserOfALocalSolver(momentum: Double, mu: Double, expected: [Double]) {
        var solver = LocalSolver()
        (solver.momentum, solver.proximal, solver.learningRate) = (momentum, mu, 0.1)
        for (steps, value) in zip([1, 2, 5, 10], expected) {
            #expect(abs(NormalisedMethod.normaliser(steps: steps, solver) - value) < 1e-9)
        }
    }

    @Test func novasWorkedExample() {
        // p = (¼, ¾), τ = (2, 8).
        let round = Round(
            NormalisedMethod(),
            [
                Client([-0.4, 0.2], weight: 1, steps: 2), Client([-0.8, -1.6], weight: 3, steps: 8),
            ])
        #expect(distance(round.step, [-0.8125, -0.8125]) < 1e-6)
        var proximal = NormalisedMethod()
        proximal.mu = 1
        // With μ > 0 the plain counts of steps make τ_eff: the quotients are larger, and so is the step.
        let held = Round(
            proximal,
            [
                Client([-0.4, 0.2], weight: 1, steps: 2), Client([-0.8, -1.6], weight: 3, steps: 8),
            ])
        let (a, b) = (1.9, (1 - pow(0.9, 8)) / 0.1)
        #expect(distance(held.step, [6.5 * (-0.1 / a - 0.6 / b), 6.5 * (0.05 / a - 1.2 / b)]) < 1e-6)
    }

    @Test(arguments: [
        (0.0, [0.05, -0.1]), (1.0, [0.0166666667, -0.1333333333]), (5.0, [0.0000487805, -0.0999024390]),
    ])
    func fairAveragingsWorkedExample(q: Double, expected: [Double]) {
        var method = FairAveraging()
        method.q = q
        let round = Round(method, [Client([0.1, 0], loss: 0.5), Client([0, -0.2], loss: 2)])
        #expect(distance(round.step, expected) < 1e-7)
        // L is one over the learning rate, 10 here; said, it is the same.
        method.lipschitz = 10
        #expect(Round(method, [Client([0.1, 0], loss: 0.5), Client([0, -0.2], loss: 2)]).step == round.step)
    }

    @Test func fairGradientsAreFairAveragingOfAFullStep() {
        var (gradient, averaging) = (FairGradient(), FairAveraging())
        (gradient.q, gradient.lipschitz, averaging.q) = (1.5, 25, 1.5)
        // ∇F = −Δ/η and L = 25: by hand, −Σ F^q ∇F / Σ (q F^(q−1) ‖∇F‖² + L F^q).
        let clients = [Client([0.1, 0], loss: 0.5), Client([0, -0.2], loss: 2)]
        let (a, b) = (pow(0.5, 1.5), pow(2.0, 1.5))
        let h = 1.5 * pow(0.5, 0.5) * 1 + 25 * a + 1.5 * pow(2, 0.5) * 4 + 25 * b
        #expect(distance(Round(gradient, clients).step, [a * 1 / h, -b * 2 / h]) < 1e-7)
        gradient.lipschitz = 0
        #expect(Round(gradient, clients).step == Round(averaging, clients).step)
        var solver = LocalSolver()
        gradient.adjust(&solver, figures: [])
        #expect(solver.work == .steps(1) && solver.batchSize == nil)
    }

    @Test func theProximalTermFollowsTheLoss() {
        var method = ProximalMethod()
        (method.mu, method.isAdaptive) = (0.2, true)
        var figures = method.initialFigures(populationSize: 10)
        var seen: [Double] = []
        // Five falls, a rise, four falls, a rise, and falls until nothing is left.
        for loss in [9.0, 8, 7, 6, 5, 6, 5, 4, 3, 2, 3] + (0..<15).map({ 2 - 0.1 * Double($0) }) {
            _ = method.advance(
                &figures,
                by: [
                    MethodContribution(client: ClientID(0), weight: 3, figures: [loss - 1]),
                    MethodContribution(client: ClientID(1), weight: 1, figures: [loss + 3]),
                ], populationSize: 10)
            var solver = LocalSolver()
            method.adjust(&solver, figures: figures)
            seen.append((solver.proximal * 10).rounded() / 10)
        }
        #expect(
            seen == [0.2, 0.2, 0.2, 0.2, 0.1, 0.2, 0.2, 0.2, 0.2, 0.2, 0.3]
                + [0.3, 0.3, 0.3, 0.3, 0.2, 0.2, 0.2, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0])
    }

    @Test(arguments: TestSeeds.first(20))
    func projectionFindsTheNearestPointOfTheSimplex(seed: Seed) {
        var stream = seed.stream()
        let point = (0..<6).map { _ in stream.normal() }
        var nearest = point
        AgnosticMethod.project(&nearest)
        #expect(nearest.allSatisfy { $0 >= 0 } && abs(nearest.reduce(0, +) - 1) < 1e-12)
        func distance(_ other: [Double]) -> Double {
            zip(point, other).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        for _ in 0..<200 {
            let draw = (0..<6).map { _ in stream.exponential(mean: 1) }
            let other = draw.map { $0 / draw.reduce(0, +) }
            #expect(distance(other) >= distance(nearest) - 1e-12)
            // Near by, too.
            let near = zip(nearest, other).map { 0.999 * $0 + 0.001 * $1 }
            #expect(distance(near) >= distance(nearest) - 1e-12)
        }
    }

    @Test func lambdaMovesTowardsLargeLosses() {
        var method = AgnosticMethod()
        var figures = method.initialFigures(populationSize: 4)
        #expect(figures == [0.25, 0.25, 0.25, 0.25])
        // The last client failed: its λ is 0.25 before the sum is brought back to 1.
        let losses = [1.0, 2, 3].enumerated().map {
            MethodContribution(client: ClientID(index: $0), weight: 1, figures: [$1])
        }
        _ = method.advance(&figures, by: losses, populationSize: 4)
        #expect(distance(figures, [0.2, 0.3, 0.4, 0.1]) < 1e-12)
        #expect(method.weight(of: ClientID(2), weight: 50, figures: figures) == Int((0.4 * 1_048_576).rounded()))
        (method.rule, method.rate) = (.exponentiated, 0.5)
        figures = [0.1, 0.2, 0.3, 0.4]
        _ = method.advance(&figures, by: losses, populationSize: 4)
        let factors = [0.1 * exp(0.5), 0.2 * exp(1), 0.3 * exp(1.5), 0.4]
        #expect(distance(figures, factors.map { $0 / factors.reduce(0, +) }) < 1e-12)
    }

    @Test func whatLossesAreClaimedLeavesLambdaOnTheSimplex() {
        var method = AgnosticMethod()
        method.rate = 1e6
        for losses in [[1e100, 1, 1], [-1e100, 0, 2], [1e16, 1e16, -1e16]] {
            var figures = method.initialFigures(populationSize: 3)
            let contributions = losses.enumerated().map {
                MethodContribution(client: ClientID(index: $0), weight: 1, figures: [$1])
            }
            _ = method.advance(&figures, by: contributions, populationSize: 3)
            #expect(figures.allSatisfy { $0 >= 0 } && abs(figures.reduce(0, +) - 1) < 1e-12, "\(losses)")
            let weights = (0..<3).map { method.weight(of: ClientID(index: $0), weight: 1, figures: figures) }
            #expect(weights.allSatisfy { (1...(1 << 20)).contains($0) }, "\(losses)")
        }
    }

    @Test func whoIsNewGetsAnEvenShareOfLambda() {
        let method = AgnosticMethod()
        // Two stay with 0.2 and 0.3, one with 0.5 has left, and two are new: each of these has a quarter.
        let moved = method.figures([0.2, 0.5, 0.3], movedTo: [nil, 0, 2, nil])
        #expect(distance(moved, [0.25, 0.2, 0.3, 0.25]) < 1e-12)
        // Before λ has moved, it stays even.
        #expect(distance(method.figures([0.5, 0.5], movedTo: [0, nil, 1]), [1.0 / 3, 1.0 / 3, 1.0 / 3]) < 1e-12)
        // Everybody who had a say has left.
        #expect(method.figures([0, 1], movedTo: [0, nil]) == [0.5, 0.5])
        #expect(method.figures([0.5, 0.5], movedTo: [nil, nil, nil, nil]) == [0.25, 0.25, 0.25, 0.25])
    }

    private func distance(_ left: [Double], _ right: [Double]) -> Double {
        zip(left, right).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }
}

/// One client of a round by hand.
private struct Client {
    var update: [Float]
    var weight: Int
    var work: LocalWork

    init(_ update: [Float], weight: Int = 1, steps: Int = 1, loss: Double = 0) {
        (self.update, self.weight) = (update, weight)
        work = LocalWork(
            solver: LocalSolver(), outcome: TrainingOutcome(exampleCount: weight, stepCount: steps, meanLoss: 0))
        work.loss = loss
    }
}

/// A method's step in a round of clients that remember and send nothing but figures.
private struct Round {
    var step: [Double]

    init(_ method: some FederatedMethod, _ clients: [Client]) {
        step = clients[0].update.map { _ in 0 }
        let total = clients.reduce(0) { $0 + $1.weight }
        var contributions: [MethodContribution] = []
        for (index, client) in clients.enumerated() {
            var (work, values) = (client.work, client.update)
            method.adjust(&work.solver, figures: [])
            var (none, empty): ([Float], [Float]) = ([], [])
            var update = values.mutableSpan
            var memory = none.mutableSpan
            var message = empty.mutableSpan
            let figures = method.finish(work, update: &update, memory: &memory, message: &message)
            contributions.append(
                MethodContribution(client: ClientID(index: index), weight: client.weight, figures: figures))
            for place in step.indices {
                step[place] += Double(values[place]) * Double(client.weight) / Double(total)
            }
        }
        var (kept, state) = ([Double](), [Float]())
        let factors = method.advance(&kept, by: contributions, populationSize: clients.count)
        var moves = step.mutableSpan
        var memory = state.mutableSpan
        let nothing: [Double] = []
        method.step(&moves, message: nothing.span, state: &memory, factors: factors)
    }
}

/// Breaks promises: a step looks at its neighbour and moves without reason, and a figure too many is sent.
private struct Meddling: FederatedMethod {
    static let about = PartDescription(name: "meddling", summary: "Wrong.", paper: "none", combinations: "nothing")
    static let parameters: [PartParameter<Meddling>] = []
    var form: MethodForm { MethodForm(name: "meddling-1") }

    func finish(
        _ work: LocalWork, update: inout MutableSpan<Float>, memory: inout MutableSpan<Float>,
        message: inout MutableSpan<Float>
    ) -> [Double] { [1] }

    func step(
        _ update: inout MutableSpan<Double>, message: Span<Double>, state: inout MutableSpan<Float>, factors: [Double]
    ) {
        for index in update.indices { update[index] += index == 0 ? 1 : update[index - 1] }
    }
}

/// Sends figures and has no name for them.
private struct Nameless: FederatedMethod {
    static let about = PartDescription(name: "nameless", summary: "Wrong.", paper: "none", combinations: "nothing")
    static let parameters: [PartParameter<Nameless>] = []
    var form: MethodForm {
        var form = MethodForm.none
        form.figures = ["loss"]
        return form
    }
}
