/// A registered client.
public struct ClientRow: Hashable, Sendable, Codable {
    /// The client.
    public var id: ClientID
    /// What it said of itself.
    public var description: ClientDescription
    /// SHA-256 of the key it registered with: the same client again shows the same key.
    public var registrationKey: BlobDigest
    /// SHA-256 of its credential.
    public var credential: BlobDigest
    /// SHA-256 of the credential before, good until the new one is first shown; nil without one.
    public var previousCredential: BlobDigest?
    /// When the credential ends.
    public var credentialExpires: Instant
    /// When it first registered.
    public var registeredAt: Instant

    /// A row with all its parts.
    public init(
        id: ClientID, description: ClientDescription, registrationKey: BlobDigest, credential: BlobDigest,
        previousCredential: BlobDigest? = nil, credentialExpires: Instant, registeredAt: Instant
    ) {
        self.id = id
        self.description = description
        self.registrationKey = registrationKey
        self.credential = credential
        self.previousCredential = previousCredential
        self.credentialExpires = credentialExpires
        self.registeredAt = registeredAt
    }
}

/// A run: what it is to do and what an operator has made of it.
public struct RunRow: Hashable, Sendable, Codable {
    /// Where a run stands.
    public enum Status: String, Hashable, Sendable, Codable, CaseIterable {
        /// Rounds are opened when clients are there.
        case active
        /// No new rounds until an operator resumes it.
        case paused
        /// It reached its last round or its target. Final.
        case completed
        /// An operator ended it. Final.
        case stopped
        /// Something it needs is damaged; the reason says what. An operator may resume it.
        case failed
    }

    /// The run.
    public var id: RunID
    /// Its plan: section → key → value, with nothing left to be chosen but what depends on the population.
    public var plan: [String: [String: String]]
    /// Which clients take part.
    public var target: ClientTarget
    /// The model's tensors: names and shapes.
    public var tensors: [TensorShape]
    /// The model the first round starts from (float32).
    public var initialModel: TensorBlob
    /// Where it stands.
    public var status: Status
    /// Why it failed; empty otherwise.
    public var reason: String
    /// How it came to its end by itself; nil before, and in rows of versions that did not say.
    public var ending: RunRecord.Status?
    /// Whether an operator wants it to end after the open round.
    public var isStopRequested: Bool
    /// Whether the coordinator has a test set to score its models on.
    public var isTestedHere: Bool
    /// When it was created.
    public var createdAt: Instant
    /// The contents of the plan's table of carbon intensities, which came with the run; nil without one.
    public var carbonTrace: String?

    /// A row with all its parts.
    public init(
        id: RunID, plan: [String: [String: String]], target: ClientTarget, tensors: [TensorShape],
        initialModel: TensorBlob, status: Status = .active, reason: String = "", isStopRequested: Bool = false,
        isTestedHere: Bool = false, createdAt: Instant
    ) {
        self.id = id
        self.plan = plan
        self.target = target
        self.tensors = tensors
        self.initialModel = initialModel
        self.status = status
        self.reason = reason
        self.isStopRequested = isStopRequested
        self.isTestedHere = isTestedHere
        self.createdAt = createdAt
    }
}

/// A tensor's name and extents.
public struct TensorShape: Hashable, Sendable, Codable {
    /// Its name.
    public var name: String
    /// Its extents, outermost first.
    public var shape: [Int]

    /// A shape with both its parts.
    public init(name: String, shape: [Int]) {
        self.name = name
        self.shape = shape
    }
}
