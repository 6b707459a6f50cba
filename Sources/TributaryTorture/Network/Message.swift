import TributaryCore

/// What somebody asks of the coordinator.
struct Request {
    /// Numbers are never used twice: an answer that comes after its asker has given up is known by it.
    let number: UInt64
    /// Which client asks; nil for the operator.
    let sender: Int?
    /// Starts of the asker's process so far: what an earlier process asked is nobody's.
    let generation: Int
    /// Who the asker says it is.
    var client = ClientID(0)
    /// What it shows for that; nil for calls that need none.
    var credential: BlobDigest?
    let content: Content

    enum Content {
        case register(CoordinatorMachine.Registration)
        case renew(BlobDigest)
        case leave
        case poll(Duration)
        case heartbeat(TaskID)
        case submit(TaskID, TaskResult)
        case giveBack(TaskID, DropCause)
        case download(BlobDigest)
        case uploadState(BlobDigest)
        case upload(Upload)
        case create(RunRow)
        case pause(RunID)
        case resume(RunID)
        case stop(RunID)
        case watch(RunID, revision: UInt64)
    }
}

/// Bytes on their way to the coordinator, piece by piece.
struct Upload {
    var digest: BlobDigest
    var bytes: [UInt8]
    /// Where the bytes that are sent begin.
    var offset: Int
    /// What the sender says that all bytes are.
    var byteCount: Int
    /// After this many bytes the connection is cut; nil if it is not.
    var cutAfter: Int?
    /// Nanoseconds between two pieces.
    var pieceInterval: Nanoseconds
    /// Bytes of a piece.
    var pieceLength: Int
}

/// What the asker is told, by the coordinator or by its own end of the connection.
enum Reply {
    case answer(CoordinatorAnswer)
    case heartbeat(CoordinatorMachine.HeartbeatAnswer)
    /// How much of an upload has arrived; nil if nothing is known of it.
    case arrived(Int?)
    /// The upload is stored.
    case stored
    /// The upload goes on at an offset.
    case goesOn(Int)
    /// The upload's bytes were others than announced.
    case wrongDigest
    /// A model, or as much of it as came before the connection was cut.
    case model([UInt8], isWhole: Bool)
    case notFound
    case forbidden
    case unauthenticated
    /// No answer came, or none that can be trusted.
    case broken
}
