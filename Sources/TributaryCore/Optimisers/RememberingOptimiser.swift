/// A server optimiser that keeps, behind what it keeps anyway, the update that it last stepped along: what a rule with a
/// memory goes on from in the next round (`RobustRule.hasMemory`).
///
/// So that memory is stored, recovered and compared as an optimiser's state is: with the round's end, or not at all. A round
/// that is given up leaves it as it was. It is rounded to Float32, once a round.
package struct RememberingOptimiser: ServerOptimiser {
    /// No part of any plan: plans name the optimiser in it.
    package static let about = PartDescription(
        name: "remembering", summary: "A server optimiser that keeps the last update.", paper: "none",
        combinations: "rules with a memory")
    /// There are none.
    package static let parameters: [PartParameter<RememberingOptimiser>] = []

    /// What makes the step.
    private let inner: any ServerOptimiser

    /// Remembers beside plain steps.
    package init() { self.init(ServerSGD()) }

    /// Remembers beside another optimiser's steps.
    package init(_ inner: any ServerOptimiser) { self.inner = inner }

    /// The inner one's.
    package var defaultLearningRate: Double { inner.defaultLearningRate }

    /// The inner one's vectors and, last, the update.
    package var stateForm: OptimiserStateForm {
        let form = inner.stateForm
        return OptimiserStateForm(
            name: form.isEmpty ? "aggregate-1" : "\(form.name)+aggregate-1",
            vectors: form.vectors + [OptimiserStateForm.Vector("aggregate")])
    }

    /// Notes the update, then replaces it as the inner one does.
    package func replace(
        _ update: inout MutableSpan<Double>, state: inout MutableSpan<Float>, _ context: StepContext
    ) {
        let first = inner.stateForm.vectors.count * update.count
        for index in update.indices { state[first + index] = Float(update[index]) }
        state.withUnsafeMutableBufferPointer { all in
            var own = UnsafeMutableBufferPointer(rebasing: all[..<first]).mutableSpan
            inner.replace(&update, state: &own, context)
        }
    }

    /// Whether both remember beside the same optimiser.
    package static func == (left: Self, right: Self) -> Bool { left.inner.identity == right.inner.identity }

    /// Hashes what is compared.
    package func hash(into hasher: inout Hasher) { hasher.combine(inner.identity) }
}

extension Strategy {
    /// What makes the next model, with the memory of the aggregation's rule where it has one.
    package var stepOptimiser: any ServerOptimiser {
        aggregation.part.rule?.hasMemory == true ? RememberingOptimiser(optimiser) : optimiser
    }
}

extension OptimiserState {
    /// What a rule with a memory gave last; empty without one.
    package func previousAggregate(of rule: any RobustRule) -> [Double] {
        rule.hasMemory && !names.isEmpty ? vector(names.count - 1).map(Double.init) : []
    }
}
