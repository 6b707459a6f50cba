import TributaryCore
import TributaryMath

/// What a world is made of: how many clients, which runs, what an operator has chosen. Drawn from the seed.
struct Scenario: Sendable {
    /// One run that the operator creates.
    struct Run: Sendable {
        var id: RunID
        var plan: Plan
        var target: ClientTarget
        var parameterCount: Int
        /// When it is created, in seconds from the start.
        var beginsAt: Double
    }

    var clientCount: Int
    var runs: [Run]
    var settings: CoordinatorMachine.Settings
    /// The share of clients that are not honest.
    var strangeShare: Double
    /// Seconds during which things go wrong.
    var troubledSeconds: Double
    /// Seconds between two sweeps of the blob store.
    var sweepInterval: Double
    /// How old, in seconds, a blob must be to be swept away.
    var sweepAge: Double
    /// The longest that a client trains, in seconds.
    var longestWork: Double

    /// The scenario of a seed.
    init(seed: UInt64, options: TortureOptions) {
        var stream = Seed(seed).derived("torture").derived("scenario").stream()
        self.init(drawnFrom: &stream, largestPopulation: options.largestPopulation)
        if options.needsEverybody { needEverybody() }
        // Updates that are kept are kept with their rows.
        var other = Seed(seed).derived("torture").derived("kept rounds").stream()
        if !settings.keepsUpdates, other.bernoulli(0.4) { settings.keptRounds = 1 + other.uniform(below: 3) }
        // A stream of its own: the worlds of seeds that draw no private run are what they were before there was privacy.
        var veil = Seed(seed).derived("torture").derived("privacy").stream()
        for index in runs.indices { runs[index].drawPrivacy(&veil) }
        if !options.needsEverybody { pace(Seed(seed).derived("torture").derived("pacing").stream()) }
        mix(Seed(seed).derived("torture").derived("mixing").stream())
        for index in runs.indices {
            compress(&runs[index].plan, index, seed)
            select(&runs[index].plan, index, seed)
            correct(&runs[index].plan, index, seed)
            harden(&runs[index].plan, index, seed)
            addNoise(&runs[index].plan, index, seed)
        }
    }

    private init(drawnFrom stream: inout RandomStream, largestPopulation: Int) {
        clientCount = Self.population(&stream, largest: largestPopulation)
        settings = Self.settings(&stream)
        strangeShare = stream.bernoulli(0.6) ? stream.uniform() * 0.6 : 0
        troubledSeconds = 60 + stream.uniform() * 600
        sweepInterval = 20 + stream.uniform() * 300
        sweepAge = 60 + stream.uniform() * 600
        longestWork = 1 + stream.uniform() * 30
        let count = clientCount > 500 ? 1 : 1 + stream.uniform(below: 3)
        runs = []
        for index in 0..<count { runs.append(Self.run(index, clientCount, &stream)) }
    }

    /// Mostly few clients, in whose worlds more happens a second; sometimes very many.
    private static func population(_ stream: inout RandomStream, largest: Int) -> Int {
        let kind = stream.uniform()
        if kind < 0.05 { return 1 }
        if kind < 0.90 { return min(largest, 2 + stream.uniform(below: 14)) }
        if kind < 0.99 { return min(largest, 16 + stream.uniform(below: 48)) }
        if kind < 0.998 { return min(largest, 64 + stream.uniform(below: 436)) }
        return min(largest, 1000 + stream.uniform(below: 9001))
    }

    private static func settings(_ stream: inout RandomStream) -> CoordinatorMachine.Settings {
        var settings = CoordinatorMachine.Settings()
        settings.credentialLifetime = .seconds(stream.bernoulli(0.3) ? 30 + stream.uniform() * 300 : 86_400)
        settings.minimumClientVersion = stream.bernoulli(0.2) ? SoftwareVersion(0, 1, 0) : nil
        settings.longestWait = .seconds(1 + stream.uniform() * 29)
        settings.waitingLimit = stream.bernoulli(0.1) ? 1 + stream.uniform(below: 4) : 50_000
        settings.coolDown = .seconds(stream.uniform() * 10)
        settings.longestCoolDown = .seconds(10 + stream.uniform() * 300)
        settings.scoringPatience = .seconds(1 + stream.uniform() * 30)
        settings.retryDelay = .seconds(0.1 + stream.uniform() * 3)
        settings.presence = .seconds(2 + stream.uniform() * 20)
        settings.changeLimit = 1000
        settings.keepsUpdates = stream.bernoulli(0.3)
        return settings
    }

    private static func run(_ index: Int, _ clientCount: Int, _ stream: inout RandomStream) -> Run {
        var plan = Plan()
        plan.seed = stream.next() >> 1
        plan.rounds = clientCount > 500 ? 2 : 1 + stream.uniform(below: 6)
        draw(&plan.cohort, clientCount, &stream)
        if stream.bernoulli(0.4) {
            let others: [Plan.Algorithm] = [.fedAvgM, .fedAdagrad, .fedAdam, .fedYogi]
            plan.algorithm = others[stream.uniform(below: others.count)]
        }
        plan.server.learningRate = stream.bernoulli(0.5) ? 1 : 0.01 + stream.uniform() * 3
        plan.server.weighting = stream.bernoulli(0.7) ? .examples : .uniform
        plan.server.updateBound = [8, 1, 0.5, 3.7, 1000, 1e6][stream.uniform(below: 6)]
        plan.evaluation.federatedEvery = stream.uniform(below: 3)
        plan.evaluation.federatedClients = 1 + stream.uniform(below: 8)
        plan.stop.accuracy = stream.bernoulli(0.2) ? 0.3 + stream.uniform() * 0.7 : nil
        plan.checkpoint.keep = 1 + stream.uniform(below: 3)
        plan.live.updateEncoding = TensorEncoding.allCases[stream.uniform(below: TensorEncoding.allCases.count)]
        plan.live.exampleLimit = [1, 100, 10_000, 1_000_000, 1_000_000_000][stream.uniform(below: 5)]
        plan.live.minClients = stream.bernoulli(0.5) ? 1 : nil
        var target = ClientTarget()
        if clientCount >= 4, stream.bernoulli(0.3) { target.labels = ["site": ["a", "b"][stream.uniform(below: 2)]] }
        return Run(
            id: name(index), plan: plan, target: target, parameterCount: 1 + stream.uniform(below: 24),
            beginsAt: index == 0 ? 0 : stream.uniform() * 60)
    }

    private static func draw(_ cohort: inout Plan.Cohort, _ clientCount: Int, _ stream: inout RandomStream) {
        // No more than half of the clients: a run may be for half of them only.
        let most = max(1, clientCount / 2)
        cohort.selection = stream.bernoulli(0.6) ? .uniform : stream.bernoulli(0.5) ? .all : .poisson
        switch cohort.selection {
        case .all: break
        case .uniform, .poisson, .selector:
            if stream.bernoulli(0.5) {
                cohort.count = min(most, 1 + stream.uniform(below: min(most, 200)))
            } else {
                cohort.fraction = 0.1 + stream.uniform() * 0.9
            }
        }
        if cohort.selection == .uniform, stream.bernoulli(0.5) { cohort.overSelection = 1 + stream.uniform() }
        cohort.quorum = stream.bernoulli(0.5) ? .count(1) : .share(0.05 + stream.uniform() * 0.9)
        cohort.deadline = .seconds(15 + stream.uniform() * 120)
        cohort.lease = .seconds(3 + stream.uniform() * 30)
    }

    /// Changes the scenario so that every round commits with the updates of all clients, however long it has to wait.
    mutating func needEverybody() {
        clientCount = min(max(clientCount, 2), 12)
        strangeShare = 0
        settings.waitingLimit = 1000
        settings.credentialLifetime = .seconds(86_400)
        for index in runs.indices {
            runs[index].target = ClientTarget()
            runs[index].plan.cohort = Plan().cohort
            runs[index].plan.cohort.selection = .all
            runs[index].plan.cohort.quorum = .share(1)
            runs[index].plan.cohort.deadline = .seconds(36_000)
            runs[index].plan.cohort.lease = .seconds(18_000)
            runs[index].plan.live.minClients = clientCount
            runs[index].plan.live.exampleLimit = 1_000_000
            runs[index].plan.stop.accuracy = nil
        }
    }

    /// A name for the run of a number.
    static func name(_ index: Int) -> RunID {
        guard let id = RunID(rawValue: "run-\(index)") else { preconditionFailure("a name that is none") }
        return id
    }
}
