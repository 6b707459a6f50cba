public import TributaryCore
import TributaryMath

/// What every `FederatedMethod` promises, as checks that any of them can be put through.
///
/// ```swift
/// #expect(FederatedMethodContract(ScaffoldMethod()).violations(seed: 1) == [])
/// ```
public struct FederatedMethodContract<Method: FederatedMethod> {
    let method: Method
    let count = 37
    private let populationSize = 12

    /// The contract of a method with its parameters.
    public init(_ method: Method) {
        self.method = method
    }

    /// What the method breaks, in words; empty if it keeps the contract.
    public func violations(seed: UInt64) -> [String] {
        let form = formViolations
        // What follows reads and writes as much as the form says.
        guard form.isEmpty else { return method.namingViolations + form }
        var stream = Seed(seed).derived("federated-method").stream()
        return method.namingViolations + offsetViolations(&stream) + roundViolations(&stream)
    }

    private var formViolations: [String] {
        let form = method.form
        var broken: [String] = []
        for names in [form.server, form.memory, form.messages.map(\.name), form.figures] {
            if Set(names).count != names.count { broken.append("two of \(names) have one name") }
            for name in names where !PartNames.isName(name) { broken.append("'\(name)' is no name") }
        }
        if !(0...form.server.count).contains(form.sentCount) {
            broken.append("\(form.sentCount) vectors go down, and there are \(form.server.count)")
        }
        if form.messages.contains(where: { !($0.bound > 0 && Float($0.bound).isFinite) }) {
            broken.append("the bound of a message is no finite number above 0")
        }
        let isSilent = form.server + form.memory + form.messages.map(\.name) + form.figures == []
        if form.isEmpty, !(isSilent && form.measure == .nothing) { broken.append("its form has no name") }
        if form.isEmpty, !method.initialFigures(populationSize: populationSize).isEmpty {
            broken.append("it keeps figures, and its form has no name")
        }
        if form.weightLimit.map({ $0 < 1 }) ?? false { broken.append("no weight is within its limit") }
        let counts = [1, populationSize].map { method.initialFigures(populationSize: $0).count }
        if counts != (form.hasFigurePerClient ? [1, populationSize] : [counts[0], counts[0]]) {
            broken.append("it keeps \(counts[1]) figures of \(populationSize) clients, and its form says otherwise")
        } else if form.hasFigurePerClient {
            let first = method.initialFigures(populationSize: 1)
            let places = [0] + [Int?](repeating: nil, count: populationSize - 1)
            let moved = method.figures(first, movedTo: places)
            // Those who come before anything was learnt are as if they had been there.
            if !zip(moved, method.initialFigures(populationSize: populationSize)).allSatisfy({ abs($0 - $1) < 1e-9 })
                || moved.count != populationSize
            {
                broken.append("clients that come before the first round begin with \(moved)")
            }
        }
        if !method.correctsGradients, !form.memory.isEmpty || form.sentCount > 0 {
            broken.append("clients are given or remember vectors, and gradients are not corrected")
        }
        return broken
    }

    private func offsetViolations(_ stream: inout RandomStream) -> [String] {
        let sent = vectors(method.form.sentCount, &stream)
        let memory = vectors(method.form.memory.count, &stream)
        let whole = offset(sent, memory, piece: count)
        var broken: [String] = []
        if offset(sent, memory, piece: 5) != whole { broken.append("an offset depends on the piece it is part of") }
        if offset(sent.map { $0.reversed() }, memory.map { $0.reversed() }, piece: count) != whole.reversed() {
            broken.append("an offset depends on its place or its neighbours")
        }
        if offset(sent.map { $0.map { _ in 0 } }, memory.map { $0.map { _ in 0 } }, piece: 7).contains(where: {
            $0 != 0
        }) {
            broken.append("the first round's gradients are added to")
        }
        return broken
    }

    private func roundViolations(_ stream: inout RandomStream) -> [String] {
        let course = MethodCourse(method, count: count, populationSize: populationSize)
        let updates = (0..<4).map { _ in vectors(populationSize, &stream) }
        let whole = course.run(updates)
        var broken = whole.broken
        if !whole.isFinite { broken.append("small updates give numbers that are not finite") }
        if course.run(updates).bits != whole.bits { broken.append("the same updates give another course") }
        if course.run(updates, piece: 5).bits != whole.bits {
            broken.append("a step depends on the piece it is part of")
        }
        let still = course.run(updates.map { $0.map { $0.map { _ in 0 } } })
        if still.moves.joined().contains(where: { $0 != 0 }) { broken.append("updates of zero move the model") }
        return broken
    }

    private func vectors(_ number: Int, _ stream: inout RandomStream) -> [[Float]] {
        (0..<number).map { _ in (0..<count).map { _ in Float(stream.normal() * 0.1) } }
    }

    /// The offset made piece by piece.
    private func offset(_ sent: [[Float]], _ memory: [[Float]], piece: Int) -> [Float] {
        var result: [Float] = []
        for start in stride(from: 0, to: count, by: piece) {
            let range = start..<min(start + piece, count)
            var part = [Float](repeating: .nan, count: range.count)
            var span = part.mutableSpan
            let (sent, memory) = (sent.flatMap { $0[range] }, memory.flatMap { $0[range] })
            method.writeOffset(&span, sent: sent.span, memory: memory.span)
            result += part
        }
        return result
    }
}
