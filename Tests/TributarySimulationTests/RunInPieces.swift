import Testing
import TributaryCore
import TributarySimulation
import TributaryTesting

/// Plays a plan in one go by one worker, and again by others, stored and gone on with from what was stored after every round.
/// Both have to end in the same state, which is returned.
@discardableResult
func expectSameInPieces(
    _ plan: Plan, _ trainer: some Trainer, sourceLocation: SourceLocation = #_sourceLocation
) async throws -> ServerState {
    var whole = try Federation(plan: plan, trainer: trainer, workers: 1)
    while await whole.next() != nil {}
    var parts = try Federation(plan: plan, trainer: trainer, workers: 3)
    let folder = try TemporaryFolder()
    let checkpoints = CheckpointFolder(folder.path, keep: 1)
    while await parts.next() != nil {
        try checkpoints.write(Checkpoint(plan: parts.plan.plan, state: parts.state))
        let stored = try #require(checkpoints.newest().checkpoint, sourceLocation: sourceLocation)
        parts = try Federation(plan: plan, trainer: trainer, workers: 2, resumingFrom: stored.state)
    }
    #expect(parts.state == whole.state, sourceLocation: sourceLocation)
    return whole.state
}
