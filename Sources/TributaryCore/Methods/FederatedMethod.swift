/// What clients and server do beside plain averaging where clients' data differ: FedProx, FedNova, SCAFFOLD and their
/// like.
///
/// With plain averaging, clients that take several steps drift towards their own optima, and the mean of where they
/// arrive is not the optimum of them all. Methods against that differ in what they correct; what they do has the same
/// places in a round for all of them, and each is a pure function:
///
/// 1. *server*, before the round: `adjust` changes how clients train, `weight` how much each counts; the first
///    `form.sentCount` of its vectors go down with the model.
/// 2. *client*: `writeOffset` makes, of what came down and of the client's memory, the vector that is added to every
///    gradient; `finish` makes of the local work the update, the message that goes with it, and the client's next memory.
/// 3. *server*, after the round: updates and messages are summed exactly, so their order does not matter; figures are
///    handed over in the clients' order. `advance` makes of the figures what `step` needs, and `step` replaces the mean
///    update by the pseudo-gradient that the server optimiser takes, piece by piece.
///
/// What survives a round is handed in and out: the server's vectors and figures (`MethodState`) and each client's memory
/// (`ClientMemories`). A client's memory is replaced only when the round that its update is part of commits: an update
/// that was refused, late or part of an abandoned round leaves no trace on either side, or laws such as "the server's
/// control variate is the mean of the clients'" would break for good.
///
/// A method that says nothing keeps, sends and costs nothing, and leaves plain averaging as it is.
/// `FederatedMethodContract` of TributaryTesting says in words what a new one breaks.
public protocol FederatedMethod: StrategyPart {
    /// Whether the work of a client that runs out of time is used (Li et al. 2020) unless a plan says.
    static var keepsPartialWork: Bool { get }
    /// What it keeps, sends and measures. Raise the number in the form's name when their meaning changes.
    var form: MethodForm { get }
    /// The one weighting that it is defined for; nil if any will do.
    var weighting: UpdateWeighting? { get }
    /// Whether gradients are added to, which not every trainer can do.
    var correctsGradients: Bool { get }
    /// The most clients that it is for; nil if it does not matter.
    var populationLimit: Int? { get }

    /// Refuses a plan whose other parts contradict it, in a line that names the fields.
    func check(_ plan: Plan) throws(PlanError)
    /// The server's figures before the first round.
    func initialFigures(populationSize: Int) -> [Double]
    /// Figures of which every client has one (`MethodForm.hasFigurePerClient`), for another population. `places` says of each
    /// client of that, in their order, which place it had in the population before; nil if it is new.
    func figures(_ figures: [Double], movedTo places: [Int?]) -> [Double]

    /// Changes how clients train in a round.
    func adjust(_ solver: inout LocalSolver, figures: [Double])
    /// The whole-number weight of a client's update; `weight` is what the weighting says.
    func weight(of client: ClientID, weight: Int, figures: [Double]) -> Int

    /// Writes the vector that is added to every gradient of a client. `sent` and `memory` hold the same piece of each of
    /// their vectors, one after another.
    func writeOffset(_ offset: inout MutableSpan<Float>, sent: Span<Float>, memory: Span<Float>)
    /// Makes what a client hands in of its local work, and its next memory. `update` is the local model minus the one it
    /// started from; `memory` what the client remembered, `message` zeros. Returns the figures of `form`.
    func finish(
        _ work: LocalWork, update: inout MutableSpan<Float>, memory: inout MutableSpan<Float>,
        message: inout MutableSpan<Float>
    ) -> [Double]

    /// Brings the server's figures up to date when a round commits; returns the factors that `step` needs.
    func advance(_ figures: inout [Double], by contributions: [MethodContribution], populationSize: Int) -> [Double]
    /// Replaces each coordinate of a piece of the mean update by the pseudo-gradient, and brings the server's vectors up
    /// to date. Element-wise, as a `ServerOptimiser` is. `message` is the mean of the messages, every client counting
    /// alike.
    func step(
        _ update: inout MutableSpan<Double>, message: Span<Double>, state: inout MutableSpan<Float>, factors: [Double])
}

extension FederatedMethod {
    /// Partial work is lost.
    public static var keepsPartialWork: Bool { false }
    /// Nothing is kept, sent or measured.
    public var form: MethodForm { .none }
    /// Any weighting will do.
    public var weighting: UpdateWeighting? { nil }
    /// Gradients are left as they are.
    public var correctsGradients: Bool { false }
    /// As many as there are.
    public var populationLimit: Int? { nil }
    /// Any plan will do.
    public func check(_ plan: Plan) throws(PlanError) {}
    /// None.
    public func initialFigures(populationSize: Int) -> [Double] { [] }
    /// Everybody begins anew.
    public func figures(_ figures: [Double], movedTo places: [Int?]) -> [Double] {
        initialFigures(populationSize: places.count)
    }
    /// Nothing is changed.
    public func adjust(_ solver: inout LocalSolver, figures: [Double]) {}
    /// As the weighting says.
    public func weight(of client: ClientID, weight: Int, figures: [Double]) -> Int { weight }
    /// Zero.
    public func writeOffset(_ offset: inout MutableSpan<Float>, sent: Span<Float>, memory: Span<Float>) {
        for index in offset.indices { offset[index] = 0 }
    }
    /// The update as it is.
    public func finish(
        _ work: LocalWork, update: inout MutableSpan<Float>, memory: inout MutableSpan<Float>,
        message: inout MutableSpan<Float>
    ) -> [Double] { [] }
    /// Nothing to bring up to date.
    public func advance(
        _ figures: inout [Double], by contributions: [MethodContribution], populationSize: Int
    ) -> [Double] { [] }
    /// The mean update as it is.
    public func step(
        _ update: inout MutableSpan<Double>, message: Span<Double>, state: inout MutableSpan<Float>, factors: [Double]
    ) {}
}
