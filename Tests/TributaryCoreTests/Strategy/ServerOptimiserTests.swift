import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

/// Server optimisers against worked examples and the laws that their papers give.
@Suite struct ServerOptimiserTests {
    /// x after two steps along (0.1, −0.2) and (0.05, 0.3), from (1, −2).
    struct Example: Sendable {
        var optimiser: any ServerOptimiser
        var rate: Double
        var first: [Double]
        var second: [Double]
        /// The last vector of the state after both steps.
        var state: [Double]?
    }

    static let examples: [Example] = {
        var nesterov = ServerMomentum()
        nesterov.isNesterov = true
        var (fromTau, corrected) = (ServerYogi(), ServerAdam())
        fromTau.v0 = 1e-6
        corrected.biasCorrection = .moments
        return [
            Example(
                optimiser: ServerMomentum(), rate: 1, first: [1.1, -2.2], second: [1.24, -2.08], state: [0.14, 0.12]),
            Example(optimiser: nesterov, rate: 1, first: [1.19, -2.38], second: [1.366, -1.972]),
            Example(
                optimiser: ServerAdagrad(), rate: 0.1, first: [1.0990099010, -2.0995024876],
                second: [1.1433348065, -2.0165275891], state: [0.0125, 0.13]),
            Example(
                optimiser: ServerAdam(), rate: 0.1, first: [1.0909090909, -2.0952380952],
                second: [1.2062728325, -2.0628056628], state: [0.000124, 0.001296]),
            Example(
                optimiser: ServerYogi(), rate: 0.1, first: [1.0909090909, -2.0952380952],
                second: [1.2058484122, -2.0628542497], state: [0.000125, 0.0013]),
            Example(
                optimiser: fromTau, rate: 0.1, first: [1.0904987562, -2.0951249220],
                second: [1.2050184444, -2.0627531888], state: [0.000126, 0.001301]),
            Example(
                optimiser: corrected, rate: 0.1, first: [1.0990099010, -2.0995024876],
                second: [1.1911869814, -2.0748504280]),
        ]
    }()

    @Test(arguments: examples)
    func aWorkedExample(example: Example) {
        var weights: [Float] = [1, -2]
        var state = OptimiserState(initial: example.optimiser.stateForm, parameterCount: 2)
        for (update, expected, number) in [([0.1, -0.2], example.first, 1), ([0.05, 0.3], example.second, 2)] {
            let step = ServerStep(example.optimiser, StepContext(learningRate: example.rate, number: number))
            _ = step.advance(&weights, state: &state, along: update)
            for (weight, value) in zip(weights, expected) { #expect(abs(Double(weight) - value) < 3e-7) }
        }
        guard let expected = example.state else { return }
        for (kept, value) in zip(state.vector(state.names.count - 1), expected) {
            #expect(abs(Double(kept) - value) < 1e-6 * value)
        }
    }

    @Test func theSecondCorrectionDiffersOnlyByTheWeightOfTau() {
        func move(_ correction: BiasCorrection, tau: Double) -> Double {
            var adam = ServerAdam()
            (adam.biasCorrection, adam.tau) = (correction, tau)
            return moves(of: adam, along: [[0.1], [0.05], [-0.2]]).last?.first ?? .nan
        }
        #expect(abs(move(.moments, tau: 1e-12) - move(.rate, tau: 1e-12)) < 1e-9)
        #expect(abs(move(.moments, tau: 1e-2) - move(.rate, tau: 1e-2)) > 1e-3)
        #expect(abs(move(.none, tau: 1e-12) - move(.rate, tau: 1e-12)) > 1e-3)
    }

    @Test(arguments: TestSeeds.first(20))
    func momentumOfZeroIsFedAvgToTheBit(seed: Seed) {
        let rounds = updates(seed)
        for isNesterov in [false, true] {
            var momentum = ServerMomentum()
            (momentum.beta, momentum.isNesterov) = (0, isNesterov)
            #expect(momentum.stateForm.isEmpty)
            #expect(moves(of: momentum, along: rounds, rate: 0.7) == moves(of: ServerSGD(), along: rounds, rate: 0.7))
        }
    }

    @Test(arguments: TestSeeds.first(10))
    func adaptiveOptimisersBecomeFedAvgAsTauGrows(seed: Seed) {
        let rounds = updates(seed)
        let tau = 1e6
        var (adagrad, adam, yogi) = (ServerAdagrad(), ServerAdam(), ServerYogi())
        (adagrad.tau, adam.tau, yogi.tau) = (tau, tau, tau)
        (adam.beta1, yogi.beta1) = (0, 0)
        let expected = moves(of: ServerSGD(), along: rounds, rate: 0.7).joined()
        for optimiser in [adagrad, adam, yogi] as [any ServerOptimiser] {
            #expect(optimiser.stateForm.vectors.count == 1)
            let found = moves(of: optimiser, along: rounds, rate: 0.7 * tau).joined()
            for (move, value) in zip(found, expected) { #expect(abs(move - value) <= 1e-5 * abs(value)) }
        }
    }

    @Test func yogiAndAdamTakeTheSameFirstStep() {
        let update = updates(Seed(3))[0]
        #expect(moves(of: ServerYogi(), along: [update]) == moves(of: ServerAdam(), along: [update]))
    }

    @Test func momentumGrowsToTheUpdateOverOneMinusBeta() {
        let last = moves(of: ServerMomentum(), along: [[Double]](repeating: [0.5], count: 400)).last
        #expect(abs((last?.first ?? 0) - 5) < 1e-5)
    }

    @Test(arguments: TestSeeds.first(5))
    func whatComesWithTributaryKeepsTheContract(seed: Seed) {
        func check<Optimiser: ServerOptimiser>(_ optimiser: Optimiser) {
            #expect(ServerOptimiserContract(optimiser).violations(seed: seed.rawValue) == [])
        }
        var (nesterov, plain, late) = (ServerMomentum(), ServerAdam(), ServerYogi())
        nesterov.isNesterov = true
        (plain.beta1, plain.biasCorrection) = (0, .rate)
        late.v0 = 1e-4
        let all: [any ServerOptimiser] = [
            ServerSGD(), ServerMomentum(), nesterov, ServerAdagrad(), ServerAdam(), plain, ServerYogi(), late,
        ]
        for optimiser in all { check(optimiser) }
    }

    @Test func theContractNamesWhatIsBroken() {
        let broken = ServerOptimiserContract(Neighbourly()).violations(seed: 1)
        #expect(broken.contains { $0.contains("piece") } && broken.contains { $0.contains("proportional") })
    }

    @Test func aPowerIsThatOfRepeatedProducts() {
        for number in [1, 2, 3, 10, 1000] {
            let expected = (0..<number).reduce(1.0) { result, _ in result * 0.99 }
            let power = StepContext(number: number).power(of: 0.99)
            #expect(abs(power - expected) < 1e-12 * expected)
        }
        #expect(StepContext(number: 3).power(of: 0) == 0)
    }

    /// The moves of one optimiser along updates of several rounds.
    private func moves(of optimiser: any ServerOptimiser, along rounds: [[Double]], rate: Double = 1) -> [[Double]] {
        var state = OptimiserState(initial: optimiser.stateForm, parameterCount: rounds[0].count).values
        return rounds.enumerated().map { index, update in
            var moves = update
            step(optimiser, &moves, &state, StepContext(learningRate: rate, number: index + 1))
            return moves
        }
    }

    private func step(
        _ optimiser: any ServerOptimiser, _ moves: inout [Double], _ state: inout [Float], _ context: StepContext
    ) {
        var update = moves.mutableSpan
        var memory = state.mutableSpan
        optimiser.replace(&update, state: &memory, context)
    }

    private func updates(_ seed: Seed) -> [[Double]] {
        var stream = seed.derived("updates").stream()
        return (0..<5).map { _ in (0..<20).map { _ in stream.normal() } }
    }
}

/// Breaks two promises: a coordinate looks at its neighbour, and the learning rate is left out.
private struct Neighbourly: ServerOptimiser {
    static let about = PartDescription(
        name: "neighbourly", summary: "Wrong.", paper: "none", combinations: "nothing")
    static let parameters: [PartParameter<Neighbourly>] = []

    func replace(_ update: inout MutableSpan<Double>, state: inout MutableSpan<Float>, _ context: StepContext) {
        for index in update.indices.dropFirst() { update[index] += update[index - 1] }
    }
}
