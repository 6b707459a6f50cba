import TributaryAggregation
import TributaryCore
import TributaryMath
import TributaryStore

/// The coordinator's machine: a disk that stays, and a process that comes and goes.
struct CoordinatorNode {
    let disk: SimulatedDisk
    /// What the bytes of the ledger on it stand for.
    let archive = LedgerArchive()
    /// Nil while the process is down.
    var process: CoordinatorProcess?
    /// Starts so far: what was begun by an earlier process is lost.
    var epoch = 0
    /// How far its clock is from the true time.
    var offset: Nanoseconds = 0
    /// What has to wait for the end of a pause; nil while the process is not paused.
    var pause: [World.Event]?

    /// The folder of the blob store, and the file of the ledger.
    static let blobFolder = "/blobs"
    static let ledgerFile = "/ledger"

    init(seed: Seed) {
        disk = SimulatedDisk(seed: seed.derived("disk"))
    }

    /// The instant on the coordinator's clock.
    func instant(at now: Nanoseconds) -> Instant {
        Instant(sinceStart: .nanoseconds(max(0, now + offset)))
    }

    /// Where a blob's bytes are.
    static func path(of digest: BlobDigest) -> String {
        "\(blobFolder)/blobs/\(digest.rawValue.prefix(2))/\(digest.rawValue)"
    }

    /// Where the bytes of an upload are until it is complete.
    static func path(of upload: UploadID) -> String {
        "\(blobFolder)/uploads/\(upload.client.rawValue)-\(upload.digest.rawValue)"
    }
}

/// What a process of the coordinator holds in memory: the product's machine, stores and order of work.
final class CoordinatorProcess {
    var machine: CoordinatorMachine
    let store: FolderBlobStore
    let ledger: SimulatedLedger
    /// Whether a sweep leaves alone all that the ledger names.
    let keepsWhatIsNamed: Bool
    var lanes = WorkLanes()
    /// Who waits for the answer to which call.
    var calls: [CallID: Request] = [:]
    var nextCall: UInt64 = 0
    /// Batches that wait for the next write to the ledger.
    var batches: [(batch: [LedgerEntry], token: PersistToken, action: CoordinatorAction)] = []
    var isFlushDue = false
    /// Uploads that are arriving, by their transfers' numbers.
    var transfers: [Int: any UploadWriter] = [:]
    var transferCount = 0
    /// The soonest timer that is set.
    var armed: Nanoseconds?
    /// It goes down, and comes back when what was begun is done.
    var isClosing = false

    init(_ machine: CoordinatorMachine, _ store: FolderBlobStore, _ ledger: SimulatedLedger, keepsWhatIsNamed: Bool) {
        self.machine = machine
        self.store = store
        self.ledger = ledger
        self.keepsWhatIsNamed = keepsWhatIsNamed
    }
}

/// What came of a piece of the coordinator's work.
enum CoordinatorFact {
    case persisted(PersistToken, CoordinatorAction)
    case persistFailed(PersistToken, String, CoordinatorAction)
    case checked(UpdateCheck, UpdateVerdict, CoordinatorAction)
    case recalled(CallID, isThere: Bool, CoordinatorAction)
    case modelMade(ModelResult, ModelOrder, CoordinatorAction)
    case examined(TensorBlob, ModelCondition, RunID, CoordinatorAction)
    case scored(Score?, RunID, RoundNumber, CoordinatorAction)
    case discarded([BlobDigest], CoordinatorAction)
    case done(CoordinatorAction)

    /// The work that is done with it.
    var action: CoordinatorAction {
        switch self {
        case .persisted(_, let action), .persistFailed(_, _, let action), .checked(_, _, let action),
            .recalled(_, _, let action), .modelMade(_, _, let action), .examined(_, _, _, let action),
            .scored(_, _, _, let action),
            .discarded(_, let action), .done(let action):
            action
        }
    }
}

/// The steps of a sweep, between which other things happen.
enum SweepStep {
    case look
    case claim([BlobDigest])
    case remove([BlobDigest])
}
