public import TributaryCore
public import TributaryMath

/// Clients with losses F_k(x) = Σ_i (a_k/2)(x_i − b_k)², trained by full-batch gradient steps: small enough to work out by
/// hand, different enough to show what an algorithm does.
public struct QuadraticTrainer: PoolableTrainer, MixtureTrainer {
    /// One client's loss and its number of examples.
    public struct Client: Hashable, Sendable {
        /// a_k.
        public var curvature: Double
        /// b_k.
        public var centre: Double
        /// n_k; 0 is a client without data.
        public var exampleCount: Int

        /// A client with all its parts.
        public init(curvature: Double, centre: Double, exampleCount: Int = 1) {
            self.curvature = curvature
            self.centre = centre
            self.exampleCount = exampleCount
        }
    }

    /// The clients.
    public var clients: [Client]
    /// The tensors: one vector of the given length, or two.
    public let layout: TensorLayout

    /// A federation of the given clients over a vector of `dimension` parameters that starts at zero.
    ///
    /// - Parameter headLength: how many of the parameters, the last, are a tensor `head` of their own.
    public init(clients: [Client], dimension: Int = 1, headLength: Int = 0) {
        self.clients = clients
        let body = (name: "x", shape: [dimension - headLength])
        layout = TensorLayout(headLength == 0 ? [body] : [body, (name: "head", shape: [headLength])])
    }

    /// The two clients of the drift example (optimum −0.25): F_1 = ½(x − 2)², F_2 = 3⁄2 (x + 1)².
    public static let drift = QuadraticTrainer(clients: [
        Client(curvature: 1, centre: 2), Client(curvature: 3, centre: -1),
    ])

    /// Clients of random sizes and losses.
    public static func random(seed: Seed, clients count: Int, dimension: Int) -> QuadraticTrainer {
        var stream = seed.derived("quadratic").stream()
        let clients = (0..<count).map { _ in
            Client(
                curvature: 0.5 + stream.uniform(), centre: stream.normal(), exampleCount: 1 + stream.uniform(below: 50))
        }
        return QuadraticTrainer(clients: clients, dimension: dimension)
    }

    /// The number of clients.
    public var clientCount: Int { clients.count }
    /// Three chunks, so that merging has something to do.
    public var testChunkCount: Int { 3 }
    /// Zero, whatever the seed.
    public func initialWeights(seed: Seed) -> Weights { Weights(zeros: layout) }
    /// Nothing is kept between calls.
    public func makeWorkspace() {}
    /// n_k.
    public func exampleCount(of client: ClientID) -> Int { clients[client.index].exampleCount }

    /// Steps take whatever a method adds to gradients.
    public var correctsGradients: Bool { true }

    /// Coordinates can be held still.
    public var freezesCoordinates: Bool { true }

    /// Full-batch gradient steps: an epoch is one step.
    public func train(_ task: TrainingTask, weights: inout [Float], workspace: inout Void) -> TrainingOutcome {
        var mixture: ModelMixture?
        return train(task, weights: &weights, with: &mixture)
    }

    /// The same, and with every step one of the mixture's own part, with the first one of its share.
    public func train(
        _ task: TrainingTask, weights: inout [Float], mixture: inout ModelMixture, workspace: inout Void
    ) -> TrainingOutcome {
        var own: ModelMixture? = mixture
        let outcome = train(task, weights: &weights, with: &own)
        mixture = own ?? mixture
        return outcome
    }

    private func train(
        _ task: TrainingTask, weights: inout [Float], with mixture: inout ModelMixture?
    ) -> TrainingOutcome {
        let client = clients[task.client.index]
        let before = loss(of: client, at: weights)
        let steps: Int
        switch task.solver.work {
        case .epochs(let epochs): steps = epochs
        case .steps(let count): steps = count
        }
        let start = weights
        var velocity = [Double](repeating: 0, count: weights.count)
        var ownVelocity = velocity
        for place in 0..<steps {
            if mixture != nil { step(&mixture, of: client, beside: weights, &ownVelocity, isFirst: place == 0) }
            for index in weights.indices where !task.frozen.contains(where: { $0.contains(index) }) {
                var gradient = client.curvature * (Double(weights[index]) - client.centre)
                gradient += task.solver.weightDecay * Double(weights[index])
                gradient += task.solver.proximal * (Double(weights[index]) - Double(start[index]))
                if !task.offset.isEmpty { gradient += Double(task.offset[index]) }
                velocity[index] = task.solver.momentum * velocity[index] + gradient
                weights[index] = Float(Double(weights[index]) - task.solver.learningRate * velocity[index])
            }
        }
        return TrainingOutcome(exampleCount: client.exampleCount, stepCount: steps, meanLoss: before)
    }

    /// v ← v − η α ∇F(v̄), and with the first step α along ⟨∇F(v̄), v − w⟩, coordinate by coordinate.
    private func step(
        _ mixture: inout ModelMixture?, of client: Client, beside shared: [Float], _ velocity: inout [Double],
        isFirst: Bool
    ) {
        guard var own = mixture else { return }
        var slope = 0.0
        for index in shared.indices {
            let (v, w) = (Double(own.own[index]), Double(shared[index]))
            let gradient = client.curvature * (own.share * v + (1 - own.share) * w - client.centre)
            slope += gradient * (v - w)
            velocity[index] = own.solver.momentum * velocity[index] + own.share * gradient + own.solver.weightDecay * v
            own.own[index] = Float(v - own.solver.learningRate * velocity[index])
        }
        if isFirst { own.share = min(max(own.share - own.shareRate * slope, 0), 1) }
        mixture = own
    }

    /// The client's loss.
    public func loss(of client: ClientID, at weights: borrowing [Float], workspace: inout Void) -> Double {
        loss(of: clients[client.index], at: copy weights)
    }

    /// The client's loss and gradient.
    public func gradient(
        of client: ClientID, at weights: borrowing [Float], into gradient: inout [Float], workspace: inout Void
    ) -> Double {
        let (client, weights) = (clients[client.index], copy weights)
        gradient = weights.map { Float(client.curvature * (Double($0) - client.centre)) }
        return loss(of: client, at: weights)
    }

    /// The test set's "loss" is the distance from the optimum; its "accuracy" is whether a coordinate is near it.
    public func evaluateTest(chunk: Int, weights: borrowing [Float], workspace: inout Void) -> Evaluation {
        let weights = copy weights
        let distance = weights.reduce(0) { $0 + abs(Double($1) - optimum) }
        return Evaluation(exampleCount: 1, lossSum: distance, correctCount: distance < 0.1 ? 1 : 0)
    }

    /// The client's own loss.
    public func evaluate(client: ClientID, weights: borrowing [Float], workspace: inout Void) -> Evaluation {
        Evaluation(exampleCount: 1, lossSum: loss(of: clients[client.index], at: copy weights), correctCount: nil)
    }

    /// One client whose loss is the average of all, up to a constant.
    public func pooled() -> QuadraticTrainer {
        let examples = clients.reduce(0) { $0 + $1.exampleCount }
        let curvature = clients.reduce(0) { $0 + $1.curvature * Double($1.exampleCount) } / Double(max(examples, 1))
        return QuadraticTrainer(
            clients: [Client(curvature: curvature, centre: optimum, exampleCount: examples)], dimension: layout.count)
    }

    /// Where the average loss, weighted by examples, is smallest.
    public var optimum: Double {
        let weight = clients.reduce(0) { $0 + $1.curvature * Double($1.exampleCount) }
        return clients.reduce(0) { $0 + $1.curvature * Double($1.exampleCount) * $1.centre }
            / max(weight, .leastNonzeroMagnitude)
    }

    private func loss(of client: Client, at weights: [Float]) -> Double {
        weights.reduce(0) { $0 + client.curvature / 2 * (Double($1) - client.centre) * (Double($1) - client.centre) }
    }
}
