extension CoordinatorMachine {
    /// Whether a client may upload.
    public enum UploadAnswer: Hashable, Sendable {
        /// It may.
        case welcome
        /// No update is expected of it now.
        case notExpected
        /// The update of its task has another size.
        case wrongSize(Int)
        /// It has begun so many uploads for its task, and may only go on with those.
        case tooMany(Int, RetryWindow)
    }

    /// A client asks how much of an upload has arrived.
    public func mayAsk(_ client: ClientID) -> Bool {
        runs.values.contains { $0.expectedUpdate(from: client) != nil }
    }

    /// A client is about to upload `byteCount` bytes of a digest of its choice, or to go on with that.
    ///
    /// A task is worth one update, but a client may come to another one when it is restarted, so a few are taken. What it
    /// began for tasks that are over and that did not come to count is removed: so a client fills no more of the disk than
    /// a few updates, whatever digests it names.
    public mutating func uploading(
        _ digest: BlobDigest, byteCount: Int, by client: ClientID
    ) -> (answer: UploadAnswer, actions: [CoordinatorAction]) {
        let expected = runs.values.compactMap { $0.expectedUpdate(from: client) }
        guard let first = expected.first else { return (.notExpected, []) }
        guard let task = expected.first(where: { $0.mayHave(byteCount) })?.task else {
            return (.wrongSize(first.byteCount), [])
        }
        let tasks = expected.map(\.task)
        let stale = registry.takeUploads(of: client) { !tasks.contains($0.task) && $0.digest != digest }
        let actions = forgetting(stale, of: client)
        guard registry.begin(BegunUpload(task: task, digest: digest), by: client, limit: settings.uploadsPerTask) else {
            return (.tooMany(settings.uploadsPerTask, busyWindow), actions)
        }
        return (.welcome, actions)
    }

    /// Removes what has come of uploads, as far as nothing needs it. Where all is kept the blobs stay, and the sweep takes
    /// those that no row names: a digest is the client's word, and may be that of something old.
    mutating func forgetting(_ uploads: [BegunUpload], of client: ClientID) -> [CoordinatorAction] {
        guard !uploads.isEmpty else { return [] }
        let digests = uploads.map(\.digest)
        let discard = settings.keepsUpdates ? nil : sparing(.discard(digests))
        return [.discardUploads(client, digests)] + (discard.map { [$0] } ?? [])
    }
}
