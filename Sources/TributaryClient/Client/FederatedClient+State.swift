import Crypto
import NIOPosix
import Synchronization
import TributaryCore
import TributaryMath
import TributaryWire

extension FederatedClient {
    /// Has the store do something where blocking is allowed. What fails comes out as a `ClientError`, for a store of the
    /// app's own too.
    func storing<Value: Sendable>(
        _ work: @escaping @Sendable (any ClientStore) throws -> Value
    ) async throws -> Value {
        let store = store
        do {
            return try await NIOThreadPool.singleton.runIfActive { try work(store) }
        } catch let error as ClientError {
            throw error
        } catch {
            try Task.checkCancellation()
            let line = OneLine.of("\(error)", byteLimit: 300)
            throw ClientError(.state, "the client's state cannot be kept: \(line)", failure: .transient(nil))
        }
    }

    /// Does what blocks where that is allowed.
    func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(work)
    }

    /// Goes on from what was kept, or makes a registration key for a client that is new.
    func restore() async throws {
        let state = try await storing { try $0.load() }
        for remark in state.remarks { observer.observed(.stateSetAside(remark)) }
        let identity = state.identity ?? ClientIdentity(registrationKey: Self.makeKey())
        // The key is kept before the server sees it: a client killed in between is the same client.
        if state.identity == nil { try await storing { try $0.save(identity) } }
        let age = clock.secondsSince1970
        course.withLock { course in
            let now = clock.now
            course.identity = identity
            course.stream = Self.jitterSeed(identity).stream()
            if let membership = identity.membership {
                let left = Self.duration(membership.endsAt - age)
                course.session.restored(credentialEnds: now.advanced(by: left), at: now)
            }
            if let result = state.result {
                let left = Self.duration(result.closesAt - age)
                course.session.restored(result.finished, closesAt: now.advanced(by: left))
            }
        }
        if let result = state.result { observer.observed(.resumed(result.finished.id)) }
    }

    /// Registers, for the first time or again.
    func register() async throws {
        guard let identity = course.withLock({ $0.identity }) else { return }
        let answer: WireRegisterResponse
        do {
            answer = try await coordinator.register(key: identity.registrationKey, joinToken: settings.joinToken)
        } catch let error as ClientError {
            return tell(error, of: .register)
        }
        let lifetime = Duration.milliseconds(min(answer.credentialLifetimeMs, UInt64(WireLimits.milliseconds)))
        let id = ClientID(answer.clientID)
        take(answer.credential, of: id, lifetime)
        tell {
            $0.registered(
                credentialLifetime: lifetime, retry: RetryWindow(answer.retry), at: $1, stream: &$2)
        }
        observer.observed(.registered(id, serverVersion: answer.serverVersion))
    }

    /// Exchanges the credential for a fresh one.
    func renew() async throws {
        guard let membership = course.withLock({ $0.identity?.membership }) else { return }
        let answer: WireRenewResponse
        do {
            answer = try await coordinator.renew(membership.credential)
        } catch let error as ClientError {
            return tell(error, of: .renew)
        }
        let lifetime = Duration.milliseconds(min(answer.credentialLifetimeMs, UInt64(WireLimits.milliseconds)))
        take(answer.credential, of: membership.id, lifetime)
        tell { session, now, _ in session.renewed(credentialLifetime: lifetime, at: now) }
    }

    /// The client has another credential from now on. Whoever learns of it beside a trainer at work leaves it to the
    /// course to keep it: a store is asked for one thing at a time.
    private func take(_ credential: String, of id: ClientID, _ lifetime: Duration) {
        let membership = ClientIdentity.Membership(
            id: id, credential: credential, endsAt: clock.secondsSince1970 + lifetime.inSeconds)
        course.withLock { course in
            course.identity?.membership = membership
            course.keepsIdentityAt = clock.now
        }
    }

    /// Keeps the credential unless that is done. A disk that is full is told of and tried again later, since the
    /// credential is good all the same, and a client without one is known by its key.
    func keepIdentity() async throws {
        let due = course.withLock { course in
            course.keepsIdentityAt.map { $0 <= clock.now } ?? false ? course.identity : nil
        }
        guard let identity = due else { return }
        do {
            try await storing { try $0.save(identity) }
            // Unless there is yet another by now.
            course.withLock { if $0.identity == identity { $0.keepsIdentityAt = nil } }
        } catch let error as ClientError {
            course.withLock { $0.keepsIdentityAt = clock.now.advanced(by: settings.patience.longestBackoff) }
            observer.observed(.stateNotKept(error))
        }
    }

    /// Forgets the result that is kept. One that cannot be removed is handed in once more after a restart, and gets the
    /// same answer.
    func forgetResult(wasAccepted: Bool = false) async throws {
        course.withLock { $0.unkeptUpdate = nil }
        do {
            try await storing { try $0.forgetResult(wasAccepted: wasAccepted) }
        } catch let error as ClientError {
            observer.observed(.stateNotKept(error))
        }
    }

    private static func makeKey() -> [UInt8] {
        SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
    }

    /// Every client draws other waits, the same client the same.
    private static func jitterSeed(_ identity: ClientIdentity) -> Seed {
        let digest = SHA256.hash(data: Array("jitter".utf8) + identity.registrationKey)
        return Seed(digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// A time left, of a file that may say anything.
    private static func duration(_ seconds: Double) -> Duration {
        seconds.isFinite ? .seconds(min(max(seconds, -1e6), 1e9)) : .zero
    }
}
