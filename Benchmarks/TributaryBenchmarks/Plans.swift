import TributaryCore

/// The plans that are measured. `peers/pytorch_fedavg.py` does the work of the first two.
enum Plans {
    /// W1: a 2NN (784-200-200-10) on Fashion-MNIST, 10 of 100 clients a round, 600 examples each, E = 1, B = 10.
    static func w1(testEvery: Int = 1) -> Plan {
        var plan = base(testEvery: testEvery)
        plan.model = "mlp:200,200"
        plan.data.clients = 100
        plan.data.partition = "iid"
        plan.cohort.fraction = 0.1
        plan.local.batchSize = .examples(10)
        return plan
    }

    /// W2: softmax regression on Fashion-MNIST, 1,000 of 1,000,000 clients a round, 20 examples each, B = 20.
    static func w2(testEvery: Int = 1) -> Plan {
        var plan = base(testEvery: testEvery)
        plan.model = "softmax"
        plan.data.clients = 1_000_000
        plan.data.partition = "resample:20"
        plan.cohort.count = 1_000
        plan.local.batchSize = .examples(20)
        return plan
    }

    /// Hardly any training: 1,000 clients of one example each, so that what a round costs beside it shows.
    static func tiny() -> Plan {
        var plan = w2(testEvery: 0)
        plan.data.partition = "resample:1"
        plan.local.batchSize = .examples(1)
        return plan
    }

    private static func base(testEvery: Int) -> Plan {
        var plan = Plan()
        plan.data.set = "fashion-mnist"
        plan.rounds = 1_000_000
        plan.local.epochs = 1
        plan.local.learningRate = 0.1
        plan.evaluation.every = testEvery
        return plan
    }
}
