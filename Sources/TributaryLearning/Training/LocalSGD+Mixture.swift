import TributaryCore

extension LocalSGD {
    /// One step of what a client has for itself (APFL), on the given places of the workspace's rows, before the shared model
    /// takes its own.
    func advance(
        _ mixture: inout ModelMixture, _ places: Range<Int>, of examples: Examples, beside shared: borrowing [Float],
        isFirst: Bool, workspace: inout TrainingWorkspace<M>
    ) {
        // Taken out while it is written, so that it is not copied.
        var mixed = workspace.mixed
        workspace.mixed = []
        mixture.write(to: &mixed, with: shared)
        _ = fillGradient(places, of: examples, weights: mixed, workspace: &workspace)
        workspace.mixed = mixed
        let slope = isFirst ? mixture.slope(workspace.gradient, with: shared) : 0
        let share = Float(mixture.share)
        for index in workspace.gradient.indices { workspace.gradient[index] *= share }
        GradientStep(solver: mixture.solver).apply(
            gradient: workspace.gradient, velocity: &workspace.ownVelocity, weights: &mixture.own)
        mixture.adapt(to: slope)
    }
}
