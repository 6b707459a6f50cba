import Crypto
import NIOPosix
import Synchronization
import TributaryCore
import TributaryMath
import TributaryWire

extension FederatedClient {
    /// Does what blocks where that is allowed.
    func blocking<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(work)
    }

    /// Goes on from what was kept, or makes a registration key for a client that is new.
    func restore() async throws {
        let store = store
        let state = try await blocking { try store.load() }
        for remark in state.remarks { observer.observed(.stateSetAside(remark)) }
        let identity = state.identity ?? ClientIdentity(registrationKey: Self.makeKey())
        // The key is kept before the server sees it: a client killed in between is the same client.
        if state.identity == nil { try await blocking { try store.save(identity) } }
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
        try await keep(id, answer.credential, lifetime)
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
        try await keep(membership.id, answer.credential, lifetime)
        tell { session, now, _ in session.renewed(credentialLifetime: lifetime, at: now) }
    }

    private func keep(_ id: ClientID, _ credential: String, _ lifetime: Duration) async throws {
        let membership = ClientIdentity.Membership(
            id: id, credential: credential, endsAt: clock.secondsSince1970 + lifetime.inSeconds)
        let identity = course.withLock { course in
            course.identity?.membership = membership
            return course.identity
        }
        guard let identity else { return }
        let store = store
        try await blocking { try store.save(identity) }
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
