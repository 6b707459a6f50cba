import TributaryCore
import TributaryMath

/// A client of the world: the production `ClientSession` with a process that dies, a disk that does not, and a clock.
struct ClientNode {
    /// What survives the process.
    struct Disk {
        /// What proves that the client is the same as before.
        let key: BlobDigest
        var credential: BlobDigest?
        /// When the credential ends by the client's clock.
        var credentialEnds = Instant.start
        /// A result that the coordinator has not answered, its update, and when its round closes.
        var result: (finished: FinishedTask, update: ArchivedUpdate?, closesAt: Instant)?
    }

    /// A call that waits for its answer.
    struct Pending {
        let number: UInt64
        let call: ClientCall
        /// The credential that the call would make good.
        let credential: BlobDigest?
    }

    /// What does not.
    struct Process {
        var session: ClientSession
        /// The call whose answer is waited for, beside heartbeats.
        var pending: Pending?
        /// A heartbeat that waits for its answer.
        var heartbeat: (number: UInt64, task: TaskID)?
        /// The instant of the next wake-up that counts.
        var wakesAt: Nanoseconds?
        /// The task whose heartbeats are being sent.
        var beatsFor: TaskID?
        /// Whether the update on disk was made by this process, so that nothing of it can have arrived.
        var isFresh = false
        /// The task that is being worked on.
        var worksOn: TaskID?
        /// Upload attempts without progress.
        var setbacks = 0
    }

    let index: Int
    let id: ClientID
    let description: ClientDescription
    var nature: Nature
    var disk: Disk
    /// Nil while the process is down.
    var process: Process?
    var generation = 0
    /// How far its clock is from the true time.
    var offset: Nanoseconds
    /// What has to wait for the end of a pause; nil while the process is not paused.
    var pause: [World.Event]?
    var stream: RandomStream
    /// Answers to calls since the world healed.
    var answersSinceHealing = 0

    init(index: Int, seed: Seed, nature: Nature, site: String, offset: Nanoseconds) {
        self.index = index
        let own = seed.derived("client", UInt64(index))
        stream = own.stream()
        id = ClientID(own.derived("id").rawValue)
        description = ClientDescription(name: "client-\(index)", labels: ["site": site])
        self.nature = nature
        self.offset = offset
        disk = Disk(key: .sha256(of: Array("key \(own.rawValue)".utf8)))
    }

    /// The instant on the client's clock.
    func instant(at now: Nanoseconds) -> Instant {
        Instant(sinceStart: .nanoseconds(max(0, now + offset)))
    }
}
