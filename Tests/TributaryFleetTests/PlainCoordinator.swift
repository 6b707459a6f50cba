import TributaryCore
import TributaryWire

/// The machine that decides on a server, with one run, and around it a ledger and blobs in memory and a clock that moves with
/// every call. Models are made here, on whole vectors: exact sums, the method's step, the server's step.
struct PlainCoordinator {
    static let run = RunID(rawValue: "plain") ?? { preconditionFailure("a name that is not one") }()

    private(set) var machine: CoordinatorMachine
    private(set) var ledger = LedgerContents()
    var blobs: [BlobDigest: [UInt8]] = [:]
    /// What calls were told since that was last taken.
    private var answers: [(call: CallID, answer: CoordinatorAnswer)] = []
    /// What could not be done.
    private(set) var problems: [String] = []
    private var now = Instant(sinceStart: .seconds(1000))
    private var nextCall: UInt64 = 0

    /// A coordinator with a run of that plan, for a model of one tensor.
    init(_ plan: Plan, weights: [Float]) {
        machine = CoordinatorMachine.recovering(LedgerImage(), settings: CoordinatorMachine.Settings(), at: now).machine
        let row = RunRow(
            id: Self.run, plan: plan.text, target: ClientTarget(),
            tensors: [TensorShape(name: "x", shape: [weights.count])], initialModel: store(weights), createdAt: now)
        let call = tell { $0.creating(row, call: $1, at: $2) }
        for case (call, .refused(let refusal)) in takeAnswers() { problems.append("\(refusal)") }
    }

    /// How the run is.
    var status: RunStatus? { machine.status(of: Self.run, at: now) }
    /// Whether it is over, one way or another.
    var isOver: Bool {
        switch status?.activity {
        case .waiting, .training, .evaluating, .paused: !problems.isEmpty
        case .completed, .stopped, .failed, nil: true
        }
    }
    /// The newest model.
    var weights: [Float] { status.map { floats($0.model.digest) } ?? [] }
    /// The rounds that have ended.
    var rounds: [RoundEndRow] { ledger.rounds(of: Self.run) }

    /// Tells a fact and does what follows; then the moment passes after which a round is tried to be opened again.
    mutating func tell(
        _ fact: (inout CoordinatorMachine, CallID, Instant) -> [CoordinatorAction]
    ) -> CallID {
        nextCall += 1
        let call = CallID(rawValue: nextCall)
        perform(fact(&machine, call, now))
        let end = now.advanced(by: machine.settings.attemptInterval)
        while let next = machine.nextDeadline, next <= end {
            now = max(now, next)
            perform(machine.timeAdvanced(to: now))
        }
        now = end
        return call
    }

    /// Takes what calls were told.
    mutating func takeAnswers() -> [(call: CallID, answer: CoordinatorAnswer)] {
        defer { answers = [] }
        return answers
    }

    /// Notes that something went wrong that must not.
    mutating func failed(_ problem: String) {
        problems.append(problem)
    }

    private mutating func perform(_ actions: [CoordinatorAction]) {
        for action in actions {
            switch action {
            case .persist(let batch, let token): write(batch, token)
            case .answer(let call, let answer): answers.append((call, answer))
            case .check(let check): perform(machine.updateChecked(check, .sound(norm: 1), at: now))
            case .recall(let call, let task, let client):
                perform(machine.recalled(call, isThere: ledger.contribution(to: task, by: client) != nil))
            case .makeModel(let order): make(order)
            case .examine(let run, let model):
                perform(machine.modelExamined(model, .whole, for: run, at: now))
            case .score(let run, let round, _): perform(machine.scored(nil, for: run, round, at: now))
            case .discard(let digests): machine.discarded(digests)
            case .note(_, let text): problems.append(text)
            case .publish, .publishStatus, .discardUploads, .prune: break
            }
        }
    }

    private mutating func write(_ batch: [LedgerEntry], _ token: PersistToken) {
        do {
            try ledger.apply(batch)
        } catch {
            problems.append("\(error.task) of \(error.client) was recorded twice")
        }
        perform(machine.persisted(token, at: now))
    }

    private mutating func make(_ order: ModelOrder) {
        guard let (mean, message) = means(of: order) else {
            return problems.append("\(order.round): its updates have no sum")
        }
        let (count, form) = (order.parameterCount, order.method?.method.form ?? .none)
        let vectors = order.method?.vectors ?? []
        var (update, state) = (mean, vectors.flatMap { floats($0.digest) })
        if vectors.isEmpty { state = [Float](repeating: 0, count: form.server.count * count) }
        update.withUnsafeMutableBufferPointer { update in
            message.withUnsafeBufferPointer { message in
                state.withUnsafeMutableBufferPointer { order.method?.step(update, message: message, state: $0) }
            }
        }
        var (weights, kept) = (floats(order.base.digest), OptimiserState.none)
        let norm = order.step.advance(&weights, state: &kept, along: update)
        let stored = form.server.indices.map { store(Array(state[$0 * count..<($0 + 1) * count])) }
        perform(
            machine.modelMade(
                .made(store(weights), state: stored, stepNorm: norm), for: order.run, order.round, at: now))
    }

    /// The mean of the updates and, one after another, those of the messages behind them.
    private func means(of order: ModelOrder) -> (update: [Double], message: [Double])? {
        let (count, rows) = (order.parameterCount, order.contributions)
        let form = order.method?.method.form ?? .none
        let total = rows.reduce(0) { $0 + $1.weight }
        guard var sum = UpdateSum(parameterCount: count, bound: order.bound, weightLimit: total) else { return nil }
        var messages = form.messages.compactMap {
            UpdateSum(parameterCount: count, bound: Float($0.bound), weightLimit: rows.count)
        }
        for row in rows {
            let numbers = floats(row.numbers.digest)
            guard numbers.count == (1 + messages.count) * count,
                sum.add(Array(numbers.prefix(count)), weight: row.weight) == nil
            else { return nil }
            for place in messages.indices {
                let piece = Array(numbers[(place + 1) * count..<(place + 2) * count])
                guard messages[place].add(piece, weight: 1) == nil else { return nil }
            }
        }
        return sum.mean().map { ($0, messages.flatMap { $0.mean() ?? [] }) }
    }

    private func floats(_ digest: BlobDigest) -> [Float] {
        blobs[digest].flatMap { TensorEncoding.float32.decoded($0) } ?? []
    }

    private mutating func store(_ values: [Float]) -> TensorBlob {
        let bytes = TensorEncoding.float32.encoded(values)
        let digest = sha256(bytes)
        blobs[digest] = bytes
        return TensorBlob(digest: digest, byteCount: bytes.count, encoding: .float32)
    }
}
