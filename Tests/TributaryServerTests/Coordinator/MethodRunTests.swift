import Testing
import TributaryCore
import TributaryServer
import TributaryTesting

/// Runs with a method on a whole coordinator: its models are those that the method's step, as simulation takes it, makes of the
/// same updates; and no crash changes a bit.
struct MethodRunTests {
    private static let methods = ["nova", "qfedavg", "prox:adaptive=true", "dyn:alpha=0.5", "scaffold", "afl"]

    private func world(_ method: String) -> CoordinatorWorld {
        var world = CoordinatorWorld()
        world.fields = ["strategy.method": method, "server.learning-rate": "1"]
        return world
    }

    /// Takes every step again, on whole models, from what the ledger says; returns the last model.
    private func expectSteps(_ ledger: MemoryLedger, _ world: CoordinatorWorld) async throws -> TensorBlob {
        let run = try #require(RunID(rawValue: "trial"))
        let row = try #require(try await ledger.load().image.runs.first?.row)
        let method = try Strategy(Plan(text: row.plan)).method
        let ends = try await ledger.rounds(of: run, after: RoundNumber(0), limit: 100)
        #expect(ends.count == world.rounds)
        var weights = try #require(try world.store.floats(row.initialModel))
        let count = weights.count
        var state = MethodState(
            form: method.form.name, vectors: OptimiserState(initial: method.form.serverVectors, parameterCount: count),
            figures: method.initialFigures(populationSize: world.clientCount), clients: .none)
        for end in ends {
            let task = TaskID(run: run, round: end.summary.round, kind: .train)
            let round = try #require(try await ledger.round(task))
            #expect(round.row.populationSize == world.clientCount)
            let (update, messages) = try means(round.contributions, method, count, world)
            var mean = update
            let figures = state.figures
            MethodStep(method, populationSize: world.clientCount)
                .advance(
                    &mean, message: messages,
                    contributions: try round.contributions.map {
                        let client = try member($0.client, round.row)
                        let weight = method.weight(of: client, weight: 1, figures: figures)
                        #expect(!method.form.hasFigurePerClient || $0.weight == weight)
                        return MethodContribution(
                            client: client, weight: $0.weight, figures: $0.update.method?.figures ?? [])
                    }, state: &state)
            var kept = OptimiserState.none
            _ = ServerStep(learningRate: 1).advance(&weights, state: &kept, along: mean)
            #expect(try world.store.floats(end.model)?.map(\.bitPattern) == weights.map(\.bitPattern))
            #expect(end.method?.figures == state.figures)
            #expect(end.method?.clients == round.row.population)
            let vectors = try (end.method?.vectors ?? []).flatMap { try #require(try world.store.floats($0.blob)) }
            #expect(vectors.map(\.bitPattern) == state.vectors.values.map(\.bitPattern))
            #expect(end.counted == (method.form.memory.isEmpty ? nil : round.contributions.map(\.client)))
        }
        return try #require(ends.last?.model)
    }

    /// A client as simulation would number it, where each client has a figure.
    private func member(_ client: ClientID, _ round: RoundRow) throws -> ClientID {
        guard let population = round.population else { return client }
        return ClientID(index: try #require(population.firstIndex(of: client)))
    }

    /// The exact means of a round's updates and of the messages behind them.
    private func means(
        _ contributions: [ContributionRow], _ method: any FederatedMethod, _ count: Int, _ world: CoordinatorWorld
    ) throws -> (update: [Double], message: [Double]) {
        var sum = try #require(
            UpdateSum(parameterCount: count, bound: 8, weightLimit: contributions.reduce(0) { $0 + $1.weight }))
        var messages = try method.form.messages.map {
            try #require(
                UpdateSum(parameterCount: count, bound: Float($0.bound), weightLimit: contributions.count))
        }
        for row in contributions {
            let numbers = try #require(try world.store.floats(row.numbers))
            #expect(numbers.count == count * (1 + messages.count))
            _ = sum.add(Array(numbers.prefix(count)), weight: row.weight)
            for place in messages.indices {
                _ = messages[place].add(Array(numbers.dropFirst((1 + place) * count).prefix(count)), weight: 1)
            }
        }
        return (try #require(sum.mean()), try messages.flatMap { try #require($0.mean()) })
    }

    @Test("Models are what the method makes of updates, whenever the process dies", arguments: methods)
    func crashes(method: String) async throws {
        let undisturbed = DyingLedger(MemoryLedger())
        let calm = world(method)
        #expect(try await calm.live(on: undisturbed) == .completed)
        let expected = try await expectSteps(undisturbed.rows, calm)
        for number in 1...undisturbed.commitCount {
            let world = world(method)
            let dying = DyingLedger(MemoryLedger(), death: number % 2 == 0 ? .before(number) : .after(number))
            #expect(try await world.live(on: dying) == .died)
            world.store.crash()
            let reopened = DyingLedger(MemoryLedger(reopening: dying.rows))
            #expect(try await world.live(on: reopened) == .completed)
            #expect(try await expectSteps(reopened.rows, world) == expected, "death \(number)")
        }
    }
}
