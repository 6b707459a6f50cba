/// A call that waits for its answer, numbered by the shell.
public struct CallID: RawRepresentable, Hashable, Sendable {
    /// The number.
    public let rawValue: UInt64

    /// The call of the given number.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// A batch that is on its way to disk.
public struct PersistToken: Hashable, Sendable {
    /// The run it belongs to; nil for clients' rows.
    public let run: RunID?
    let number: UInt64
}

/// What the shell is to do. Outcomes come back as facts.
public enum CoordinatorAction: Hashable, Sendable {
    /// Write the batch, then say `persisted` or `persistFailed`.
    case persist([LedgerEntry], PersistToken)
    /// Answer a call. Every call is answered exactly once.
    case answer(CallID, CoordinatorAnswer)
    /// Look at an update, then say `updateChecked`.
    case check(UpdateCheck)
    /// Look whether the ledger holds a client's result of an earlier round, then say `recalled`.
    case recall(CallID, TaskID, ClientID)
    /// Make a model, then say `modelMade`.
    case makeModel(ModelOrder)
    /// Look whether a run's model is whole in the store, then say `modelExamined`.
    case examine(RunID, TensorBlob)
    /// Score a model on the run's test set, then say `scored`.
    case score(RunID, RoundNumber, TensorBlob)
    /// A round has ended and is scored: bring the run's report up to date. Needs no answer.
    case publish(RunID, RoundEndRow)
    /// The run has ended or changed its course: bring its report up to date. Needs no answer.
    case publishStatus(RunID)
    /// Remove blobs that nothing names any more, then say `discarded`.
    case discard([BlobDigest])
    /// Forget what has arrived of a client's uploads of these digests. Needs no answer.
    case discardUploads(ClientID, [BlobDigest])
    /// Forget what was accepted in a run's rounds before the given one. Needs no answer.
    case prune(RunID, before: RoundNumber)
    /// Something that an operator should read. Needs no answer.
    case note(RunID?, String)
}

/// What a call is told.
public enum CoordinatorAnswer: Hashable, Sendable {
    /// The client is registered.
    case registered(ClientID, credentialLifetime: Duration, retry: RetryWindow)
    /// The fresh credential is good.
    case renewed(credentialLifetime: Duration)
    /// The client is forgotten.
    case left
    /// A task.
    case task(TaskDescription)
    /// Nothing to do for now.
    case noTask(RetryWindow)
    /// What became of a result.
    case receipt(RoundMachine.Answer, isDuplicate: Bool, retry: RetryWindow)
    /// How a run is.
    case run(RunStatus)
    /// The call cannot be obeyed.
    case refused(CallRefusal)
}

/// Why a call cannot be obeyed.
public enum CallRefusal: Hashable, Sendable {
    /// The caller is not known, or its credential has ended: it must register.
    case unknownClient
    /// The name belongs to a client with another registration key.
    case nameTaken(String)
    /// The client's software is older than the coordinator takes.
    case tooOld(SoftwareVersion, needed: SoftwareVersion)
    /// The update's bytes are not there.
    case updateMissing(BlobDigest)
    /// The store did not take it: nothing was accepted.
    case unavailable(String, RetryWindow)
    /// The coordinator is going down.
    case closing(RetryWindow)
    /// Another call of the same client has taken this one's place.
    case displaced
    /// There is no such run.
    case unknownRun(RunID)
    /// A run of that name exists, and is another one.
    case runExists(RunID)
    /// The run has ended, and cannot be paused, resumed or stopped any more.
    case runEnded(RunID, RunRow.Status)
    /// The plan cannot be run.
    case badPlan(String)
}
