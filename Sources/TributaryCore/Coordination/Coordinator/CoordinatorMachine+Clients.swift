extension CoordinatorMachine {
    /// A client that wants to be known.
    public struct Registration: Hashable, Sendable {
        /// Its number, which follows from its name, or from its key if it has none.
        public var id: ClientID
        /// What it says of itself.
        public var description: ClientDescription
        /// SHA-256 of its registration key.
        public var key: BlobDigest
        /// SHA-256 of the credential that it will be given.
        public var credential: BlobDigest

        /// A registration with all its parts.
        public init(id: ClientID, description: ClientDescription, key: BlobDigest, credential: BlobDigest) {
            self.id = id
            self.description = description
            self.key = key
            self.credential = credential
        }
    }

    /// A client wants to be known.
    public mutating func registering(
        _ request: Registration, call: CallID, at now: Instant
    ) -> [CoordinatorAction] {
        if isClosing { return [.answer(call, .refused(.closing(busyWindow)))] }
        if let refusal = refusalOfChange(call) { return [refusal] }
        if let least = settings.minimumClientVersion, request.description.version < least {
            return [.answer(call, .refused(.tooOld(request.description.version, needed: least)))]
        }
        let known = registry[request.id]
        if let key = known?.registrationKey ?? registering[request.id]?.key, key != request.key {
            return [.answer(call, .refused(.nameTaken(request.description.name)))]
        }
        let row = ClientRow(
            id: request.id, description: request.description, registrationKey: request.key,
            credential: request.credential, previousCredential: known?.credential,
            credentialExpires: now.advanced(by: settings.credentialLifetime), registeredAt: known?.registeredAt ?? now)
        registering[row.id, default: (row.registrationKey, 0)].count += 1
        return [.persist([.client(row)], token(for: .register(row, call)))]
    }

    /// A client wants a fresh credential.
    public mutating func renewing(
        _ client: ClientID, credential: BlobDigest, call: CallID, at now: Instant
    ) -> [CoordinatorAction] {
        guard var row = registry[client] else { return [.answer(call, .refused(.unknownClient))] }
        if let refusal = refusalOfChange(call) { return [refusal] }
        // One before the present one means that the present one was never shown: its answer may have been lost.
        row.previousCredential = row.previousCredential ?? row.credential
        row.credential = credential
        row.credentialExpires = now.advanced(by: settings.credentialLifetime)
        return [.persist([.client(row)], token(for: .renew(row, call)))]
    }

    /// A client wants to be forgotten.
    public mutating func leaving(_ client: ClientID, call: CallID) -> [CoordinatorAction] {
        guard registry[client] != nil else { return [.answer(call, .refused(.unknownClient))] }
        if let refusal = refusalOfChange(call) { return [refusal] }
        return [.persist([.clientLeft(client)], token(for: .leave(client, call)))]
    }

    /// Whether a credential is that of a client. The first use of a fresh one ends the one before.
    public mutating func authenticate(_ client: ClientID, credential: BlobDigest, at now: Instant) -> Bool {
        guard let row = registry[client], now < row.credentialExpires else { return false }
        if row.credential == credential {
            if row.previousCredential != nil { registry.credentialUsed(client) }
            return true
        }
        return row.previousCredential == credential
    }

    /// The answer to a change while too many are on their way to disk; nil while there is room for it.
    func refusalOfChange(_ call: CallID, of run: RunID? = nil) -> CoordinatorAction? {
        let count = run.map { runs[$0]?.statusChangeCount ?? 0 } ?? changes.count
        guard count >= settings.changeLimit else { return nil }
        let reason = "\(count) changes wait for the disk; nothing of this one was done"
        return .answer(call, .refused(.unavailable(reason, settings.storageRetry)))
    }

    mutating func registrationEnded(of client: ClientID) {
        registering[client]?.count -= 1
        if registering[client]?.count == 0 { registering[client] = nil }
    }

    var busyWindow: RetryWindow { settings.pace.busy(population: registry.count) }

    /// A change of a client, or a new run, is on disk.
    mutating func changed(_ number: UInt64, at now: Instant) -> [CoordinatorAction] {
        switch changes.removeValue(forKey: number) {
        case .register(let row, let call)?:
            registrationEnded(of: row.id)
            put(row)
            registry.seen(row.id, at: now)
            let answer = CoordinatorAnswer.registered(
                row.id, credentialLifetime: settings.credentialLifetime, retry: .now)
            return [.answer(call, answer)]
        case .renew(let row, let call)?:
            put(row)
            return [.answer(call, .renewed(credentialLifetime: settings.credentialLifetime))]
        case .leave(let client, let call)?:
            let forgotten = forgetting(registry.takeUploads(of: client) { _ in true }, of: client)
            let waiting = registry.remove(client)
            for id in line {
                runs[id]?.clients.remove(client)
                runs[id]?.statements[client] = nil
            }
            return [.answer(call, .left)] + (waiting.map { [.answer($0, .refused(.unknownClient))] } ?? []) + forgotten
        case .createRun(let run, let call)?:
            add(run)
            let actions = runs[run.row.id]?.begin(at: now) ?? []
            return actions + answer(call, statusOf: run.row.id, at: now)
        case nil:
            return []
        }
    }

    private mutating func put(_ row: ClientRow) {
        registry.put(row)
        for id in line {
            let isWanted = runs[id]?.row.target.accepts(row.description) == true
            if isWanted { runs[id]?.clients.insert(row.id) } else { runs[id]?.clients.remove(row.id) }
        }
    }
}
