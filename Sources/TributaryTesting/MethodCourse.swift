import TributaryCore

/// A few rounds of a method with given updates, as its contract tries them: everybody takes part, and every update is an
/// element of `updates`.
struct MethodCourse<Method: FederatedMethod> {
    private let method: Method
    private let count: Int
    private let populationSize: Int
    private var form: MethodForm { method.form }

    init(_ method: Method, count: Int, populationSize: Int) {
        (self.method, self.count, self.populationSize) = (method, count, populationSize)
    }

    /// What a course gave.
    struct Outcome {
        var moves: [[Double]] = []
        var state: [Float]
        var figures: [Double]
        var memories: [[Float]]
        var broken: [String] = []

        var bits: [UInt64] {
            (Array(moves.joined()) + figures).map(\.bitPattern)
                + (state + memories.joined()).map { UInt64($0.bitPattern) }
        }
        /// Figures may begin with infinities.
        var isFinite: Bool {
            moves.joined().allSatisfy(\.isFinite) && (state + memories.joined()).allSatisfy(\.isFinite)
                && !figures.contains { $0.isNaN }
        }
    }

    func run(_ rounds: [[[Float]]], piece: Int? = nil) -> Outcome {
        var outcome = Outcome(
            state: [Float](repeating: 0, count: form.server.count * count),
            figures: method.initialFigures(populationSize: populationSize),
            memories: [[Float]](
                repeating: [Float](repeating: 0, count: form.memory.count * count), count: populationSize))
        for updates in rounds { play(updates, piece ?? count, &outcome) }
        return outcome
    }

    private func play(_ updates: [[Float]], _ piece: Int, _ outcome: inout Outcome) {
        var mean = [Double](repeating: 0, count: count)
        var message = [Double](repeating: 0, count: form.messages.count * count)
        var contributions: [MethodContribution] = []
        for (index, update) in updates.enumerated() {
            let client = ClientID(index: index)
            let sent = finish(update, &outcome.memories[index], outcome)
            let weight = method.weight(of: client, weight: index + 1, figures: outcome.figures)
            if weight < 1 { outcome.broken.append("\(client) weighs \(weight)") }
            if sent.figures.count != form.figures.count {
                outcome.broken.append("\(sent.figures.count) figures go up, and the form has \(form.figures.count)")
            }
            contributions.append(MethodContribution(client: client, weight: weight, figures: sent.figures))
            for place in mean.indices { mean[place] += Double(sent.update[place]) / Double(updates.count) }
            for place in message.indices { message[place] += Double(sent.message[place]) / Double(updates.count) }
        }
        let kept = outcome.figures.count
        let factors = method.advance(&outcome.figures, by: contributions, populationSize: populationSize)
        if outcome.figures.count != kept { outcome.broken.append("the number of the server's figures changes") }
        step(&mean, message, factors, piece, &outcome.state)
        outcome.moves.append(mean)
    }

    private func finish(
        _ update: [Float], _ memory: inout [Float], _ outcome: Outcome
    ) -> (update: [Float], message: [Float], figures: [Double]) {
        var solver = LocalSolver()
        method.adjust(&solver, figures: outcome.figures)
        var work = LocalWork(
            solver: solver, outcome: TrainingOutcome(exampleCount: 3, stepCount: 4, meanLoss: 0.7))
        work.sent = Array(outcome.state.prefix(form.sentCount * count))
        if form.measure != .nothing { work.loss = 0.7 }
        if form.measure == .gradient { work.gradient = update.map { -$0 } }
        var (update, message) = (update, [Float](repeating: 0, count: form.messages.count * count))
        var updates = update.mutableSpan
        var memories = memory.mutableSpan
        var messages = message.mutableSpan
        let figures = method.finish(work, update: &updates, memory: &memories, message: &messages)
        return (update, message, figures)
    }

    private func step(
        _ mean: inout [Double], _ message: [Double], _ factors: [Double], _ piece: Int, _ state: inout [Float]
    ) {
        for start in stride(from: 0, to: count, by: piece) {
            let range = start..<min(start + piece, count)
            var part = Array(mean[range])
            let messages = form.messages.indices.flatMap { message[($0 * count + start)...].prefix(range.count) }
            var memory = form.server.indices.flatMap { state[($0 * count + start)...].prefix(range.count) }
            var moves = part.mutableSpan
            var kept = memory.mutableSpan
            method.step(&moves, message: messages.span, state: &kept, factors: factors)
            mean.replaceSubrange(range, with: part)
            for place in form.server.indices {
                state.replaceSubrange(
                    place * count + start..<place * count + start + range.count,
                    with: memory[place * range.count..<(place + 1) * range.count])
            }
        }
    }
}
