import Foundation
import TributaryCore

/// What must hold where the model moves as updates come.
extension CoordinatorWorld {
    var isBuffered: Bool { pacing != nil }

    /// What is recorded to count in a round, in the order in which it is put together.
    func recorded(in round: RoundNumber) -> [ContributionRow] {
        ledger.contributions(forTasksOf: Self.run, in: RoundNumber(1)...round).filter { $0.place?.round == round }
            .sorted {
                ($0.client.rawValue, $0.task.round.rawValue, $0.task.wave ?? 0)
                    < ($1.client.rawValue, $1.task.round.rawValue, $1.task.wave ?? 0)
            }
    }

    /// A step is made of what was recorded for it, K updates, each scaled by s(τ) of its age.
    mutating func checkStep(_ order: ModelOrder) {
        guard let pacing, let last = ledger.image.runs.first else { return violations.append("a step of no run") }
        let rows = recorded(in: order.round)
        if order.contributions != rows {
            violations.append("\(order.round) is made of other updates than were recorded")
        }
        if rows.count != pacing.goal { violations.append("\(order.round) is a step of \(rows.count)") }
        if order.base != last.lastEnd?.model ?? last.row.initialModel {
            violations.append("\(order.round): another base")
        }
        let version = last.lastEnd?.summary.modelVersion.rawValue ?? 0
        let ages = rows.map { version - ($0.place?.startedFrom.rawValue ?? .max) }
        if ages.contains(where: { $0 < 0 || $0 > pacing.stalenessLimit ?? .max }) {
            violations.append("\(order.round): updates of ages \(ages)")
        }
        if case .mixing(let alpha) = pacing.use { return checkMixing(order, ages, alpha, last) }
        let scales = order.scales.isEmpty ? rows.map { _ in 1 } : order.scales
        let isScaled = zip(scales, ages).allSatisfy { abs($0 - 1 / Double(1 + $1).squareRoot()) < 1e-12 }
        if !isScaled { violations.append("\(order.round): updates of ages \(ages) are scaled by \(scales)") }
    }

    /// An update is mixed by its age, from the model that its task began with.
    private mutating func checkMixing(_ order: ModelOrder, _ ages: [Int], _ alpha: Double, _ run: LedgerImage.Run) {
        let bases = order.contributions.map { row in run.openRounds.first { $0.id == row.task }?.model }
        let shares = order.mixing?.shares ?? []
        let isShared = zip(shares, ages).allSatisfy { abs($0 - alpha / Double(1 + $1).squareRoot()) < 1e-12 }
        if shares.count != ages.count || !isShared || order.mixing.map({ $0.bases as [TensorBlob?] }) != bases {
            violations.append("\(order.round): updates of ages \(ages) are mixed by \(shares)")
        }
        if !order.scales.isEmpty { violations.append("\(order.round): what is mixed is scaled") }
    }

    /// No more are at work than the plan says: unless an update is sent again that could not be stored, or the coordinator
    /// has forgotten who was lost.
    mutating func checkWorkers() {
        guard faults.crash == 0, faults.storageFailure == 0, crashes == 0 else { return }
        let busy = machine.place(of: Self.run)?.busyCount ?? 0
        if busy > concurrency { violations.append("\(busy) are at work, and \(concurrency) may be") }
    }
}
