public import TributaryCore

/// What a client keeps between restarts: who it is, a finished result that the server has not answered, what the
/// compressed updates of its runs have left out, what methods such as dyn have it remember of theirs, and its own models.
///
/// All calls block for as long as the disk takes, and are made one at a time; `personalModel` alone may come at any time. What they
/// have written is on disk when they return.
public protocol ClientStore: Sendable {
    /// What was kept.
    func load() throws -> StoredState

    /// Keeps who the client is, instead of what was kept before.
    func save(_ identity: ClientIdentity) throws

    /// Begins an update's bytes. Those of an earlier one that was not kept are gone.
    func makeUpdate() throws -> any UpdateWriter

    /// Keeps a result, instead of an earlier one, together with the update's bytes that were written for it, and what the run's
    /// updates will have left out once this one is accepted (nil where nothing is to be kept of that).
    func keep(_ result: StoredResult, update: (any UpdateWriter)?, residual: [Float]?) throws

    /// The bytes of the update that is kept.
    func updateContent() throws -> any UpdateContent

    /// Forgets the result that is kept, if there is one. If it was accepted, what came with it is from now on what the run's
    /// updates have left out; if not, that stays as it was. Safe to repeat, also after a crash in between.
    func forgetResult(wasAccepted: Bool) throws

    /// What the accepted updates of a run have left out (error feedback); nil for nothing, or nothing that is known any more.
    /// Of the runs that were longest without one a store may forget it: their next updates lack it, no more.
    func residual(of run: RunID) throws -> [Float]?

    /// What a client goes on from in a run since its update of the given round: what the method has it remember and, behind that,
    /// what it has for itself; nil if that is not known any more. Of the runs that were longest without an update a store may
    /// forget it: the client then begins anew.
    func memory(of run: RunID, since round: RoundNumber) throws -> [Float]?

    /// Keeps what a client is to go on from in a run if its update of `round` comes to count, beside what it remembers
    /// since `base`, which it went on from (nil for the beginning): only the next task tells which of them holds. What is kept
    /// of other rounds of the run may go. Called before the update is sent.
    func keepMemory(_ memory: [Float], of run: RunID, in round: RoundNumber, beside base: RoundNumber?) throws

    /// The client's own model of a run, for the app to use; nil if there is none. Of the runs that were longest without a new one a
    /// store may forget it.
    func personalModel(of run: RunID) throws -> PersonalModel?

    /// Keeps the client's own model of a run, in place of an earlier one. If it is pending, not before the result is accepted that
    /// is kept next (`forgetResult`): until then the earlier one stays, and for good if the result comes to nothing.
    func keepPersonalModel(_ model: PersonalModel, of run: RunID, isPending: Bool) throws
}

extension ClientStore {
    /// Nothing.
    public func personalModel(of run: RunID) throws -> PersonalModel? { nil }

    /// Nothing is kept: a store need not have a place for what the app does not use.
    public func keepPersonalModel(_ model: PersonalModel, of run: RunID, isPending: Bool) throws {}

    /// Nothing.
    public func memory(of run: RunID, since round: RoundNumber) throws -> [Float]? { nil }

    /// Throws: a store need not have a place for it, and its client then gives such tasks back.
    public func keepMemory(
        _ memory: [Float], of run: RunID, in round: RoundNumber, beside base: RoundNumber?
    ) throws {
        throw ClientError(.state, "this client's store has no place for what a method has it remember")
    }
}

/// An update's bytes in the making.
public protocol UpdateWriter: AnyObject {
    /// Adds bytes.
    func append(_ bytes: UnsafeRawBufferPointer) throws
}

/// All that a client keeps.
public struct StoredState: Sendable {
    /// Who it is; nil for a client that never registered.
    public var identity: ClientIdentity?
    /// A finished result that the server has not answered.
    public var result: StoredResult?
    /// What was damaged and set aside, one line each.
    public var remarks: [String]

    /// A state with all its parts.
    public init(identity: ClientIdentity? = nil, result: StoredResult? = nil, remarks: [String] = []) {
        self.identity = identity
        self.result = result
        self.remarks = remarks
    }
}

/// Who a client is. Holds secrets, so it does not print them.
public struct ClientIdentity: Hashable, Sendable, Codable, CustomStringConvertible {
    /// What proves to the server that the client is the same as before: 32 random bytes, made once.
    public var registrationKey: [UInt8]
    /// What the server gave it; nil before the first registration.
    public var membership: Membership?

    /// What a server gives to a client that registers.
    public struct Membership: Hashable, Sendable, Codable {
        /// The number that reports call it by.
        public var id: ClientID
        /// What it shows with every call.
        public var credential: String
        /// When that ceases to be good, in seconds since 1970.
        public var endsAt: Double

        /// A membership with all its parts.
        public init(id: ClientID, credential: String, endsAt: Double) {
            self.id = id
            self.credential = credential
            self.endsAt = endsAt
        }
    }

    /// An identity with both its parts.
    public init(registrationKey: [UInt8], membership: Membership? = nil) {
        self.registrationKey = registrationKey
        self.membership = membership
    }

    /// The client's number, and nothing secret.
    public var description: String { membership.map { $0.id.description } ?? "a client that is not registered" }
}

/// A result that the server has not answered.
public struct StoredResult: Hashable, Sendable {
    /// The task and its result.
    public var finished: FinishedTask
    /// When its round closes, in seconds since 1970.
    public var closesAt: Double

    /// A result with both its parts.
    public init(finished: FinishedTask, closesAt: Double) {
        self.finished = finished
        self.closesAt = closesAt
    }
}
