import TributaryCore

/// Clients with models of their own in the world.
extension CoordinatorWorld {
    /// How a client's own model does; nil where it has none.
    static func ownScore(for task: TaskDescription, _ client: ClientID) -> Evaluation? {
        guard task.personal != nil else { return nil }
        return Evaluation(exampleCount: 10, lossSum: 0.5, correctCount: Int(client.rawValue % 7))
    }

    /// A client was given a task: it goes on from the last round whose model has an update of its, which for a score is also that
    /// of the round itself.
    mutating func checkPersonal(_ task: TaskDescription, of client: ClientID) {
        guard let personal = task.personal else { return }
        let last = ledger.rounds(of: task.id.run).last { end in
            let round = end.summary.round
            let isPast = task.id.kind == .train ? round < task.id.round : round <= task.id.round
            let training = TaskID(run: task.id.run, round: round, kind: .train)
            return isPast && end.summary.outcome == .committed
                && ledger.contributions(to: training).contains { $0.client == client }
        }
        let expected = personal.form == "tuning-1" ? nil : last?.summary.round
        if personal.countedRound != expected {
            violations.append("\(client) is told to go on from another round than \(expected?.rawValue ?? 0)")
        }
    }
}
