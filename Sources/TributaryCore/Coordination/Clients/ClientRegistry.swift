/// The clients that are known, and what is known of their presence.
///
/// A client is *present* while it waits for a task or was heard of lately; one that failed is left alone for a while that
/// doubles with every failure in a row.
struct ClientRegistry: Sendable {
    struct Entry: Sendable {
        var row: ClientRow
        /// When it last called.
        var lastSeen: Instant?
        /// Its call that waits for a task.
        var waitingCall: CallID?
        /// What it can do of what tasks may ask, as it said when it last asked for one.
        var abilities: TaskNeeds = []
        /// Whether it has asked for a task since the coordinator's start, and so said of itself what it says then.
        var hasAsked = false
        /// Failures in a row.
        var failures = 0
        /// Before this instant it is not invited.
        var coolsUntil: Instant?
        /// Uploads that it has begun, oldest first, without those that came to count.
        var uploads: [BegunUpload] = []
    }

    private(set) var entries: [ClientID: Entry] = [:]
    /// What clients last said of their electricity; nothing of those who say nothing.
    private(set) var statements: [ClientID: EnergyStatement] = [:]
    /// Calls that wait for a task.
    private(set) var waitingCount = 0
    private let coolDown: Duration
    private let longestCoolDown: Duration

    init(rows: [ClientRow], coolDown: Duration, longestCoolDown: Duration) {
        self.coolDown = coolDown
        self.longestCoolDown = longestCoolDown
        entries.reserveCapacity(rows.count)
        for row in rows { entries[row.id] = Entry(row: row) }
    }

    var count: Int { entries.count }

    subscript(client: ClientID) -> ClientRow? { entries[client]?.row }

    mutating func put(_ row: ClientRow) {
        if entries[row.id] == nil { entries[row.id] = Entry(row: row) } else { entries[row.id]?.row = row }
    }

    /// Forgets a client; the answer is its call that waits.
    mutating func remove(_ client: ClientID) -> CallID? {
        let call = takeWaitingCall(of: client)
        entries[client] = nil
        statements[client] = nil
        return call
    }

    mutating func seen(_ client: ClientID, at now: Instant) {
        entries[client]?.lastSeen = now
    }

    /// A client asks for a task, and says what it can.
    mutating func polled(_ client: ClientID, _ abilities: TaskNeeds, _ energy: EnergyStatement, at now: Instant) {
        entries[client]?.lastSeen = now
        entries[client]?.abilities = abilities
        entries[client]?.hasAsked = true
        statements[client] = energy == EnergyStatement() ? nil : energy
    }

    /// Whether a client can do the tasks of a run with such needs.
    func suits(_ client: ClientID, _ needs: TaskNeeds) -> Bool {
        needs == [] || entries[client]?.abilities.isSuperset(of: needs) == true
    }

    /// Whether what a client says of its region is known, if that matters.
    func isPlaced(_ client: ClientID, asksForRegion: Bool) -> Bool {
        !asksForRegion || entries[client]?.hasAsked == true
    }

    /// Notes that a client's call waits; the answer is the call whose place it takes.
    mutating func wait(_ client: ClientID, call: CallID) -> CallID? {
        let displaced = takeWaitingCall(of: client)
        guard entries[client] != nil else { return displaced }
        entries[client]?.waitingCall = call
        waitingCount += 1
        return displaced
    }

    mutating func takeWaitingCall(of client: ClientID) -> CallID? {
        guard let call = entries[client]?.waitingCall else { return nil }
        entries[client]?.waitingCall = nil
        waitingCount -= 1
        return call
    }

    /// Whether a client was heard of within `window`.
    func isPresent(_ client: ClientID, at now: Instant, within window: Duration) -> Bool {
        guard let entry = entries[client] else { return false }
        if entry.waitingCall != nil { return true }
        guard let seen = entry.lastSeen else { return false }
        return seen.duration(to: now) <= window
    }

    /// When a client may be invited again; nil if it may now.
    func coolsUntil(_ client: ClientID, at now: Instant) -> Instant? {
        guard let until = entries[client]?.coolsUntil, until > now else { return nil }
        return until
    }

    /// A client failed at a task.
    mutating func failed(_ client: ClientID, at now: Instant) {
        guard let failures = entries[client]?.failures else { return }
        let factor = 1 << min(failures, 20)
        let wait = min(coolDown * factor, longestCoolDown)
        entries[client]?.failures = failures + 1
        entries[client]?.coolsUntil = now.advanced(by: wait)
    }

    /// A client did its task.
    mutating func succeeded(_ client: ClientID) {
        guard entries[client]?.failures ?? 0 > 0 else { return }
        entries[client]?.failures = 0
        entries[client]?.coolsUntil = nil
    }

    /// Notes that a client begins an upload, or goes on with one; false if it has begun `limit` for the task already.
    mutating func begin(_ upload: BegunUpload, by client: ClientID, limit: Int) -> Bool {
        guard let begun = entries[client]?.uploads else { return false }
        if begun.contains(upload) { return true }
        guard begun.count(where: { $0.task == upload.task }) < limit else { return false }
        // Begun for an earlier task, it is now one of this.
        entries[client]?.uploads.removeAll { $0.digest == upload.digest }
        entries[client]?.uploads.append(upload)
        return true
    }

    /// Takes out those of a client's uploads that are over.
    mutating func takeUploads(of client: ClientID, where isOver: (BegunUpload) -> Bool) -> [BegunUpload] {
        guard let begun = entries[client]?.uploads, begun.contains(where: isOver) else { return [] }
        entries[client]?.uploads = begun.filter { !isOver($0) }
        return begun.filter(isOver)
    }

    /// The first use of a fresh credential ends the one before it.
    mutating func credentialUsed(_ client: ClientID) {
        entries[client]?.row.previousCredential = nil
    }
}

/// An upload that a client has begun for a task.
struct BegunUpload: Hashable, Sendable {
    var task: TaskID
    /// The digest that it is to have, as the client says.
    var digest: BlobDigest
}
