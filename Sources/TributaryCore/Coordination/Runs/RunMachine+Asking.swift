/// Candidates for a round that say their loss of its model before some of them are invited.
///
/// It is a wait of its own before the round opens, with tasks of the kind `measure`, and ends when all have answered or at
/// `live.ask-deadline`. Those with the largest losses are invited then; whoever has not answered is passed over. Too few for
/// the quorum are filled up with the other candidates, in the order in which they were drawn: so every round is opened after
/// one ask, whatever clients do.
///
/// Nothing of it goes to disk. What is asked again after a crash is asked about the same model; whom a round has invited is in
/// the round's row.
struct CandidateAsk: Sendable {
    /// The round that they are candidates for.
    let round: RoundNumber
    /// The candidates, in the order in which they were drawn.
    let candidates: [ClientID]
    /// What they have said.
    var losses: [ClientID: Double] = [:]
    /// Those to whom the model went for it.
    var given: Set<ClientID> = []
    /// Whether no more answers are taken, and the round is about to be opened.
    var isOver = false

    /// A round's cohort of at most `count`, in ascending order.
    ///
    /// - Parameter eligible: who may be invited by now.
    func cohort(
        of count: Int, quorum: Int, from eligible: [ClientID], by selector: some ClientSelector
    ) -> [ClientID] {
        let mayBeInvited = Set(eligible)
        let free = candidates.filter(mayBeInvited.contains)
        let answers = free.compactMap { client in losses[client].map { (client: client, loss: $0) } }
        var cohort = selector.choose(
            min(count, answers.count), of: answers.map(\.client), losses: answers.map(\.loss))
        if cohort.count < quorum {
            cohort += free.filter { losses[$0] == nil }.prefix(max(0, count - cohort.count))
        }
        return cohort.sorted()
    }
}

extension RunMachine {
    /// Whether the run has clients that are not to be taken by others: at work, or about to be invited.
    var holdsClients: Bool { open != nil || ask != nil }

    /// Whether a client has said its loss and waits to hear whether it is invited.
    func isCandidate(_ client: ClientID) -> Bool { ask?.losses[client] != nil }

    /// The candidates who are to be asked before a round is opened; nil if all of them are invited anyway, or chosen otherwise.
    func candidatesToAsk(of count: Int, from eligible: [ClientID], for round: RoundNumber) -> [ClientID]? {
        guard terms.needs.contains(.losses), let drawn = candidates(for: round, of: count, from: eligible)
        else { return nil }
        return drawn.count > min(count, eligible.count) ? drawn : nil
    }

    /// Asks the candidates for a round.
    mutating func ask(_ candidates: [ClientID], for round: RoundNumber, at now: Instant) -> [CoordinatorAction] {
        ask = CandidateAsk(round: round, candidates: candidates)
        let row = RoundRow(
            id: TaskID(run: row.id, round: round, kind: .measure), cohort: candidates.sorted(), goal: candidates.count,
            quorum: 1, openedAt: now, modelVersion: course.modelVersion, model: model)
        open = OpenRound(
            row: row, solver: solver(for: round), machine: RoundMachine(round: round, limits: limits(of: row)),
            figures: methodFigures)
        stage = .opening
        return opened(at: now)
    }

    /// All have answered, or their time is up: the round is opened for those chosen as soon as it is looked who is free.
    mutating func endAsk(at now: Instant) -> [CoordinatorAction] {
        ask?.isOver = true
        open = nil
        changed()
        return advance(at: now)
    }

    /// What the candidates for a round have said, which is used once; nil if they have not been asked.
    mutating func takeAnswers(for round: RoundNumber) -> CandidateAsk? {
        defer { ask = nil }
        return ask.flatMap { $0.isOver && $0.round == round ? $0 : nil }
    }

    /// No round is wanted for now: nobody is kept waiting for one.
    mutating func dropAsk() {
        ask = nil
        guard open?.row.id.kind == .measure else { return }
        open = nil
        stage = .idle
    }

    /// The bytes that went to candidates who were not invited then.
    func bytesInVain(_ ask: CandidateAsk, _ cohort: [ClientID]) -> Int {
        ask.given.subtracting(cohort).count * model.byteCount
    }

    /// How far an ask is, for operators.
    var askProgress: String {
        "candidates to say their loss: \(ask?.losses.count ?? 0) of \(ask?.candidates.count ?? 0) have"
    }
}
