/// A version of a client's software: three numbers, as in `1.4.0`.
public struct SoftwareVersion: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// The numbers, most significant first.
    public var major, minor, patch: Int

    /// A version with all its parts.
    public init(_ major: Int, _ minor: Int, _ patch: Int) {
        (self.major, self.minor, self.patch) = (major, minor, patch)
    }

    /// Reads `1`, `1.4` or `1.4.0`, with anything after a hyphen or plus sign passed over; nil if it is none of them.
    public init?(_ text: String) {
        guard text.utf8.count <= 64 else { return nil }
        let core = text.prefix { $0 != "-" && $0 != "+" }
        let parts = core.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int($0) }
        guard (1...3).contains(parts.count), numbers.count == parts.count, numbers.allSatisfy({ $0 >= 0 }) else {
            return nil
        }
        self.init(numbers[0], numbers.count > 1 ? numbers[1] : 0, numbers.count > 2 ? numbers[2] : 0)
    }

    /// The version as text.
    public var description: String { "\(major).\(minor).\(patch)" }

    /// Whether one version is older.
    public static func < (left: SoftwareVersion, right: SoftwareVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}

/// What a client says of itself when it registers.
public struct ClientDescription: Hashable, Sendable, Codable {
    /// The name it goes by, unique on the coordinator; empty for a client without one.
    public var name: String
    /// Labels that runs choose clients by, for example `site` → `hospital`.
    public var labels: [String: String]
    /// The version of its software.
    public var version: SoftwareVersion
    /// The form of its data, as `DataSignature` writes it; empty if it does not say.
    public var dataSignature: String

    /// A description with all its parts.
    public init(
        name: String = "", labels: [String: String] = [:], version: SoftwareVersion = SoftwareVersion(0, 1, 0),
        dataSignature: String = ""
    ) {
        self.name = name
        self.labels = labels
        self.version = version
        self.dataSignature = dataSignature
    }
}

/// Which clients a run wants.
public struct ClientTarget: Hashable, Sendable, Codable {
    /// Labels that a client must have with these values.
    public var labels: [String: String]
    /// The oldest software that will do; nil for any.
    public var minimumVersion: SoftwareVersion?
    /// The form its data must have; empty for any.
    public var dataSignature: String

    /// A target with all its parts; every client meets the one without.
    public init(
        labels: [String: String] = [:], minimumVersion: SoftwareVersion? = nil, dataSignature: String = ""
    ) {
        self.labels = labels
        self.minimumVersion = minimumVersion
        self.dataSignature = dataSignature
    }

    /// Whether a client is one of those wanted.
    public func accepts(_ client: ClientDescription) -> Bool {
        labels.allSatisfy { client.labels[$0.key] == $0.value }
            && minimumVersion.map { client.version >= $0 } ?? true
            && (dataSignature.isEmpty || dataSignature == client.dataSignature)
    }
}

/// When a client should come back: at an instant of its own choice within the window, counted from the answer.
///
/// Clients that choose at random do not come back all at once (pace steering; Bonawitz 2019, section 2.3).
public struct RetryWindow: Hashable, Sendable, Codable {
    /// The soonest.
    public var earliest: Duration
    /// The latest.
    public var latest: Duration

    /// A window with both its ends; `latest` is at least `earliest`.
    public init(earliest: Duration, latest: Duration) {
        self.earliest = earliest
        self.latest = max(earliest, latest)
    }

    /// At once.
    public static let now = RetryWindow(earliest: .zero, latest: .zero)
}
