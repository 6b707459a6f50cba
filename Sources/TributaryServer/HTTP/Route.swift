import TributaryCore
import TributaryWire

/// What a path is for.
enum Route: Hashable, Sendable {
    case call(ConnectMethod)
    /// A path as calls have it, of a service or method that is not there.
    case unknownCall
    case blob(BlobDigest)
    case upload(BlobDigest)
    case health
    case readiness
    case metrics
    case report(run: String, file: String)
    case none

    /// Reads a path without its query.
    init(_ path: Substring) {
        if let method = ConnectMethod(path: path) {
            self = .call(method)
            return
        }
        let parts = path.split(separator: "/", maxSplits: 4, omittingEmptySubsequences: false).dropFirst()
        switch Array(parts) {
        case ["healthz"]: self = .health
        case ["readyz"]: self = .readiness
        case ["metrics"]: self = .metrics
        case let names where names.count == 3 && names[0] == "v1" && names[1] == "blobs":
            self = BlobDigest(rawValue: String(names[2])).map { .blob($0) } ?? .none
        case let names where names.count == 3 && names[0] == "v1" && names[1] == "uploads":
            self = BlobDigest(rawValue: String(names[2])).map { .upload($0) } ?? .none
        case let names where names.count == 3 && names[0] == "runs":
            self = .report(run: String(names[1]), file: String(names[2]))
        case let names where names.count == 2 && names[0].contains("."): self = .unknownCall
        default: self = .none
        }
    }

    /// The blob whose bytes are meant; nil if it is about something else.
    var blob: BlobDigest? {
        switch self {
        case .blob(let digest), .upload(let digest): digest
        default: nil
        }
    }

    /// What metrics and logs call it: one of few names.
    var name: String {
        switch self {
        case .call(let method): method.description
        case .unknownCall: "unknown-call"
        case .blob: "blobs"
        case .upload: "uploads"
        case .health: "healthz"
        case .readiness: "readyz"
        case .metrics: "metrics"
        case .report: "reports"
        case .none: "none"
        }
    }
}
