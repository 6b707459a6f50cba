import Crypto
import Synchronization
import TributaryCore
import TributaryMath

/// A client of a coordinator: registers, asks for tasks, has the app's trainer do them, hands the results in, for as
/// long as it runs.
///
/// What to do next is decided by `ClientSession`; this carries it out. It holds one task at a time and one copy or two
/// of its model, and the last model beside it where the server offers differences or asks for losses; without a task it is a few hundred bytes and a suspended call, so thousands fit a process and may
/// share a transport and a `ModelCache`.
///
/// A client that is killed goes on from its store: as the same client, with the upload of a result that was finished.
/// A store that fails while the client runs, as on a full disk, stops nothing: the observer is told, the credential is
/// kept later, and an update that cannot be kept is sent from memory.
public final class FederatedClient: Sendable {
    /// What changes, behind one lock.
    struct Course {
        var session: ClientSession
        var stream = Seed(0).stream()
        var identity: ClientIdentity?
        var lastError: ClientError?
        /// Where an update just finished begins to be sent without asking how much of it is there.
        var hasFreshUpdate = false
        /// An update that could not be kept, to be sent from memory.
        var unkeptUpdate: (any UpdateContent)?
        /// From when on the credential is to be kept; nil if it is.
        var keepsIdentityAt: Instant?
        /// How long it was at each part of the task at hand.
        var times = WorkTimes()
        /// Until when the device wanted to be left alone as it declined its task.
        var declined: RetryWindow?
    }

    let settings: ClientSettings
    let trainer: any LocalTrainer
    let store: any ClientStore
    let observer: any ClientObserver
    let models: ModelCache?
    /// Where a client without a cache that it shares keeps models that there may be differences to, or that it has measured
    /// and may be invited to train from.
    let formerModels: ModelCache
    let clock: any ClientClock
    let coordinator: Coordinator
    let stopSignal = StopSignal()
    let course: Mutex<Course>

    /// A client over a transport and a store that others may choose, to be started with `run`.
    public convenience init(
        _ trainer: any LocalTrainer, settings: ClientSettings, transport: any ClientTransport, store: any ClientStore,
        observer: any ClientObserver = SilentObserver(), models: ModelCache? = nil
    ) {
        self.init(
            trainer, settings: settings, transport: transport, store: store, observer: observer, models: models,
            clock: SystemClock())
    }

    package init(
        _ trainer: any LocalTrainer, settings: ClientSettings, transport: any ClientTransport, store: any ClientStore,
        observer: any ClientObserver, models: ModelCache?, clock: any ClientClock
    ) {
        self.settings = settings
        self.trainer = trainer
        self.store = store
        self.observer = observer
        self.models = models
        formerModels = ModelCache(byteLimit: settings.formerModelLimit)
        self.clock = clock
        coordinator = Coordinator(
            transport: transport, description: settings.description, timeouts: settings.timeouts,
            energy: settings.energy)
        course = Mutex(
            Course(session: ClientSession(patience: settings.patience, taskLimit: settings.taskLimit)))
    }

    /// Takes part until cancelled, over HTTP and with the state folder of the settings. All an app needs to call.
    public static func run(
        _ trainer: any LocalTrainer, with settings: ClientSettings, observer: any ClientObserver = SilentObserver()
    ) async throws {
        try await withClient(trainer, settings: settings, observer: observer) { try await $0.run() }
    }

    /// Makes a client over HTTP with the state folder of the settings, and closes its connections in the end.
    public static func withClient<Result: Sendable>(
        _ trainer: any LocalTrainer, settings: ClientSettings, observer: any ClientObserver = SilentObserver(),
        _ body: (FederatedClient) async throws -> Result
    ) async throws -> Result {
        let transport = try AsyncHTTPTransport(settings)
        let store: Swift.Result<any ClientStore, any Error> = .init {
            guard let folder = settings.stateFolder else { return MemoryStore() }
            return try FolderStore(folder, server: transport.server, name: settings.description.name)
        }
        let outcome: Swift.Result<Result, any Error>
        do {
            let client = FederatedClient(
                trainer, settings: settings, transport: transport, store: try store.get(), observer: observer)
            outcome = .success(try await body(client))
        } catch {
            outcome = .failure(error)
        }
        try? await transport.shutdown()
        return try outcome.get()
    }

    /// Takes part until the task limit is reached, `stop` was called, or the task that calls is cancelled: then it
    /// throws `CancellationError`. Throws a `ClientError` when it cannot go on.
    public func run() async throws {
        try await restore()
        while true {
            try Task.checkCancellation()
            try await keepIdentity()
            if let id = course.withLock({ $0.session.task }) {
                try await carry(out: id)
            } else if try await perform(nextStep()) == false {
                return
            }
        }
    }

    /// Asks the client to stop after the task at hand: `run` then returns.
    public func stop() {
        course.withLock { $0.session.stopRequested() }
        stopSignal.raise()
    }

    func nextStep() -> ClientSession.Step {
        course.withLock { $0.session.step(at: clock.now) }
    }

    /// Tells the session a fact.
    func tell<Value: Sendable>(_ fact: (inout ClientSession, Instant, inout RandomStream) -> Value) -> Value {
        let (value, hasRecovered) = course.withLock { course in
            let wasFailing = course.session.isFailing
            let value = fact(&course.session, clock.now, &course.stream)
            return (value, wasFailing && !course.session.isFailing)
        }
        if hasRecovered { observer.observed(.recovered) }
        return value
    }

    /// Tells the session of a failure, and the observer unless the client ends with it: then `run` throws it. That a round
    /// is over is no failure, and told when the task ends.
    func tell(_ error: ClientError, of call: ClientCall) {
        let isLast = course.withLock { course in
            course.lastError = error
            course.session.failed(call, error.failure, at: clock.now, stream: &course.stream)
            return course.session.hasFailed
        }
        if !isLast, error.failure != .over { observer.observed(.failed(call, error)) }
    }

    /// What the client shows with its calls.
    var credential: String { course.withLock { $0.identity?.membership?.credential } ?? "" }
}
