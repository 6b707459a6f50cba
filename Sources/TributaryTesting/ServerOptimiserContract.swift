public import TributaryCore
import TributaryMath

/// What every `ServerOptimiser` promises, as checks that any of them can be put through.
///
/// ```swift
/// #expect(ServerOptimiserContract(Damped()).violations(seed: 1).isEmpty)
/// ```
public struct ServerOptimiserContract<Optimiser: ServerOptimiser> {
    private let optimiser: Optimiser
    private let count = 37
    private var stateCount: Int { optimiser.stateForm.vectors.count }

    /// The contract of an optimiser with its parameters.
    public init(_ optimiser: Optimiser) {
        self.optimiser = optimiser
    }

    /// What the optimiser breaks, in words; empty if it keeps the contract.
    public func violations(seed: UInt64) -> [String] {
        textViolations + formViolations + stepViolations(Seed(seed).derived("server-optimiser"))
    }

    private var textViolations: [String] {
        var broken = optimiser.namingViolations
        if !(optimiser.defaultLearningRate > 0 && optimiser.defaultLearningRate <= 1e6) {
            broken.append("its own learning rate is \(optimiser.defaultLearningRate), which no plan may say")
        }
        return broken
    }

    private var formViolations: [String] {
        let form = optimiser.stateForm
        var broken: [String] = []
        let names = form.vectors.map(\.name)
        if Set(names).count != names.count { broken.append("two vectors of its state have one name") }
        for name in names where !PartNames.isName(name) { broken.append("'\(name)' is no name of a vector") }
        if form.isEmpty != form.name.isEmpty { broken.append("the form '\(form.name)' has \(names.count) vectors") }
        return broken
    }

    private func stepViolations(_ seed: Seed) -> [String] {
        var stream = seed.stream()
        let rounds = (0..<6).map { _ in (0..<count).map { _ in stream.normal() * 0.1 } }
        let whole = run(rounds)
        var broken: [String] = []
        if !(whole.moves.joined().allSatisfy(\.isFinite) && whole.state.allSatisfy(\.isFinite)) {
            broken.append("small updates give steps or a state that are not finite")
        }
        if run(rounds).bits != whole.bits { broken.append("the same updates give other steps") }
        if run(rounds, piece: 5).bits != whole.bits { broken.append("a step depends on the piece it is part of") }
        if run(rounds.map { $0.reversed() }).reversed(count, stateCount).bits != whole.bits {
            broken.append("a coordinate's step depends on its place or its neighbours")
        }
        let doubled = run(rounds, rate: 0.5).moves.joined()
        let isProportional = zip(run(rounds, rate: 0.25).moves.joined(), doubled).allSatisfy {
            abs($0 * 2 - $1) <= 1e-9 * abs($1)
        }
        if !isProportional { broken.append("steps are not proportional to the learning rate") }
        if run(rounds.map { $0.map { _ in 0 } }).moves.joined().contains(where: { $0 != 0 }) {
            broken.append("updates of zero move the model")
        }
        return broken
    }

    /// What a few steps give: each round's moves and the state after the last.
    private struct Course {
        var moves: [[Double]] = []
        var state: [Float]

        /// Every bit of it.
        var bits: [UInt64] { moves.joined().map(\.bitPattern) + state.map { UInt64($0.bitPattern) } }

        /// The same with the coordinates in the opposite order.
        func reversed(_ count: Int, _ vectors: Int) -> Course {
            let state = (0..<vectors).flatMap { self.state[$0 * count..<($0 + 1) * count].reversed() }
            return Course(moves: moves.map { $0.reversed() }, state: state)
        }
    }

    private func run(_ rounds: [[Double]], rate: Double = 0.3, piece: Int? = nil) -> Course {
        let initial = OptimiserState(initial: optimiser.stateForm, parameterCount: count)
        var course = Course(state: initial.values)
        for (index, update) in rounds.enumerated() {
            var moves = update
            let context = StepContext(learningRate: rate, number: index + 1)
            for start in stride(from: 0, to: count, by: piece ?? count) {
                step(start..<min(start + (piece ?? count), count), &moves, &course.state, context)
            }
            course.moves.append(moves)
        }
        return course
    }

    private func step(_ range: Range<Int>, _ moves: inout [Double], _ state: inout [Float], _ context: StepContext) {
        var part = Array(moves[range])
        var memory = (0..<stateCount).flatMap { state[$0 * count + range.lowerBound..<$0 * count + range.upperBound] }
        var update = part.mutableSpan
        var kept = memory.mutableSpan
        optimiser.replace(&update, state: &kept, context)
        moves.replaceSubrange(range, with: part)
        for vector in 0..<stateCount {
            let piece = memory[vector * range.count..<(vector + 1) * range.count]
            state.replaceSubrange(
                vector * count + range.lowerBound..<vector * count + range.upperBound, with: piece)
        }
    }
}
