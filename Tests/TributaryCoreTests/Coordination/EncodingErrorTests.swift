import Testing
import TributaryCore

/// What clients say that encodings lost, in a round's record.
@Suite struct EncodingErrorTests {
    private static let task = TaskID(run: MachineBench.run, round: RoundNumber(1), kind: .train)

    private func submit(_ error: Double?, by client: ClientID, _ bench: inout MachineBench) -> CoordinatorAnswer? {
        let update = TrainedUpdate(
            blob: UpdateBlob(CoordinatorWorld.blob(named: CoordinatorWorld.name(Self.task, client))),
            outcome: TrainingOutcome(exampleCount: Int(client.rawValue), stepCount: 1, meanLoss: 0),
            encodingError: error)
        return bench.tell { $0.submitted(.trained(update), for: Self.task, by: client, call: $1, at: $2) }
    }

    @Test(arguments: [([0.5, 0.125, nil], 0.3125), ([0], 0), ([nil, nil], nil)] as [([Double?], Double?)])
    func aRoundHasTheMeanOverThoseWhoSay(errors: [Double?], mean: Double?) throws {
        var bench = MachineBench()
        let clients = bench.begin(clients: errors.count)
        for (client, error) in zip(clients, errors) {
            #expect(submit(error, by: client, &bench) == .receipt(.accepted, isDuplicate: false, retry: .now))
        }
        let summary = try #require(bench.ledger.rounds(of: MachineBench.run).first?.summary)
        #expect(summary.outcome == .committed && summary.encodingError == mean)
    }

    @Test(arguments: [(.nan, .notFinite), (.infinity, .notFinite), (-0.5, .outOfBound)] as [(Double, UpdateRefusal)])
    func whatCannotBeAnErrorIsRefused(error: Double, refusal: UpdateRefusal) {
        var bench = MachineBench()
        let clients = bench.begin(clients: 2)
        #expect(
            submit(error, by: clients[0], &bench) == .receipt(.refused(refusal), isDuplicate: false, retry: .now))
        #expect(bench.ledger.contributions(to: Self.task).isEmpty)
    }
}
