import TributaryCore

/// What tests of single facts do on a bench. The bench is handed over, because expectations take no call that changes what
/// it is called on.
protocol BenchPlay {}

extension BenchPlay {
    /// A bench with a run whose model moves as updates come, and its clients, of which `concurrency` work at a time.
    func bufferedBench(
        clients: Int, concurrency: Int, _ pacing: String, _ change: (inout Plan) -> Void = { _ in }
    ) -> (bench: MachineBench, clients: [ClientID]) {
        var bench = MachineBench()
        let ids = bench.begin(clients: clients) { plan in
            (plan.cohort.selection, plan.cohort.count, plan.rounds) = (.uniform, concurrency, 20)
            plan.strategy.pacing = PartText(planText: pacing)
            plan.cohort.quorum = Plan().cohort.quorum
            (plan.cohort.deadline, plan.cohort.lease) = (.seconds(600), .seconds(30))
            plan.evaluation.federatedEvery = nil
            change(&plan)
        }
        return (bench, ids)
    }

    /// The task that a client gets; nil if none waits for it.
    func task(of client: ClientID, _ bench: inout MachineBench) -> TaskDescription? {
        let answer = bench.tell { $0.polled(by: client, waiting: .zero, call: $1, at: $2) }
        if case .task(let task)? = answer { return task }
        return nil
    }

    /// A client hands in an update of a task.
    func submit(
        _ task: TaskID, by client: ClientID, examples: Int = 1, _ bench: inout MachineBench
    ) -> CoordinatorAnswer? {
        let update = TrainedUpdate(
            blob: UpdateBlob(CoordinatorWorld.blob(named: CoordinatorWorld.name(task, client))),
            outcome: TrainingOutcome(exampleCount: examples, stepCount: 1, meanLoss: 0))
        return bench.tell { $0.submitted(.trained(update), for: task, by: client, call: $1, at: $2) }
    }
}
